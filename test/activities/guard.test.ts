import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readChain, verifyStored } from '../../src/ledger/audit-log.ts';
import { findJob } from '../../src/ledger/job.ts';
import type { CallResult, JobReport, PendingApproval } from '../../src/workflows/messages.ts';
import { openDesk } from '../support/desk.ts';
import type { Desk } from '../support/desk.ts';
import { until } from '../support/until.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const friendOf = (workflowId: string) => `${workflowId}@friend.example`;
const send = (to: string, text = 'hello') => ({ action: 'desk.send', input: { to, text } });
const sentTo = (to: string) => desk.sink.sent.filter((each) => each.to === to);

/** What the brain of a job was told, call by call. */
async function told(workflowId: string): Promise<readonly CallResult[]> {
  const { events } = await desk.remit.client.workflow.getHandle(workflowId).fetchHistory();
  const last = events?.findLast((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'think');
  const [payload] = last?.activityTaskScheduledEventAttributes?.input?.payloads ?? [];
  const question = JSON.parse(Buffer.from(payload?.data ?? []).toString()) as {
    transcript: { results: CallResult[] }[];
  };
  return question.transcript.flatMap(({ results }) => results);
}

async function waiting(handle: WorkflowHandle, count = 1): Promise<readonly PendingApproval[]> {
  return until(async () => {
    const waits = await handle.query<readonly PendingApproval[]>('pendingApprovals');
    return waits.length === count ? waits : undefined;
  });
}

async function run(workflowId: string, ...calls: readonly unknown[]): Promise<readonly CallResult[]> {
  const handle = await desk.job(
    calls.map((call) => [call]),
    workflowId,
  );
  await handle.result();
  return told(workflowId);
}

describe('what the boundary lets through', () => {
  it('is done once and reported', async () => {
    const [result] = await run('permitted', send(friendOf('permitted')));
    expect(result).toMatchObject({ outcome: 'done' });
    expect(sentTo(friendOf('permitted'))).toHaveLength(1);
  });

  it('is stripped of fields that were not granted, which are named', async () => {
    const [result] = await run('stripped', { action: 'desk.readNote', input: { id: '7' } });
    expect(result).toMatchObject({
      outcome: 'done',
      result: { records: [{ id: '7', fields: { text: 'note 7' } }], withheld: ['secret'] },
    });
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });

  it('leaves all kinds of audit entries in a chain that verifies', async () => {
    await run('audited', { action: 'desk.readNote', input: { id: '1' } }, send(friendOf('audited')));
    const job = await desk.remit.ledger.run((db) => findJob(db, 'audited'));
    const { rows } = await readChain(desk.remit.ledger, job?.jobId ?? '');
    expect(new Set(rows.map(({ kind }) => kind))).toEqual(
      new Set([
        'input',
        'tool-call',
        'decision',
        'source-record',
        'retrieved-context',
        'final-action',
        'downstream-result',
      ]),
    );
    expect(await verifyStored(desk.remit.ledger, job?.jobId ?? '')).toMatchObject({ ok: true, entries: rows.length });
  });
});

describe('what the boundary stops', () => {
  it.each([
    ['nothing permits it', send('stranger@else.example'), 'NOT_PERMITTED'],
    ['a forbid speaks', send('dealer@casino.example'), 'FORBIDDEN'],
    ['the action is not registered', { action: 'remit.approve', input: {} }, 'UNKNOWN_ACTION'],
    [
      'the payload does not fit',
      { action: 'desk.send', input: { to: 'x@y.example', text: 'hi', bcc: 'me' } },
      'INPUT_REJECTED',
    ],
    ['nothing permits deleting', { action: 'desk.wipe', input: { id: '1' } }, 'NOT_PERMITTED'],
    [
      'it names an Activity of Remit itself with an argument of its own',
      { action: 'dispatchDraft', input: 'dft-1' },
      'NOT_ORDERED',
    ],
  ])('is denied with a reason when %s, and the agent goes on', async (why, call, code) => {
    const id = `denied-${why.replaceAll(' ', '-')}`;
    const before = desk.sink.sent.length;
    const [result, after] = await run(id, call, send(friendOf(id)));
    expect(result).toMatchObject({ outcome: 'denied', code });
    expect(after).toMatchObject({ outcome: 'done' });
    expect(desk.sink.sent).toHaveLength(before + 1);
  });

  it('is denied beyond a limit, also when calls come side by side', async () => {
    const id = 'limited';
    const handle = await desk.job([Array.from({ length: 8 }, (_, index) => send(friendOf(id), `n${index}`))], id);
    await handle.result();
    const results = await told(id);
    expect(results.filter(({ outcome }) => outcome === 'done')).toHaveLength(5);
    expect(results.filter((each) => each.outcome === 'denied' && each.code === 'BEYOND_LIMIT')).toHaveLength(3);
    expect(sentTo(friendOf(id))).toHaveLength(5);
  });
});

describe('what waits for a person', () => {
  it('happens once after a plain Signal approves it', async () => {
    const id = 'approved';
    const handle = await desk.job([[send(friendOf(id), 'one two three')]], id);
    const [request] = await waiting(handle);
    expect(request).toMatchObject({ sentence: `Send this message to ${friendOf(id)}`, reason: 'the message is long' });
    expect(sentTo(friendOf(id))).toHaveLength(0);
    await handle.signal('approve', { requestId: request?.requestId });
    expect(await handle.result()).toMatchObject({ calls: [{ outcome: 'done' }] });
    expect(sentTo(friendOf(id))).toHaveLength(1);
  });

  it('does not happen after a Signal refuses it, and the agent is told the note', async () => {
    const id = 'refused';
    const handle = await desk.job([[send(friendOf(id), 'one two three')]], id);
    const [request] = await waiting(handle);
    await handle.signal('refuse', { requestId: request?.requestId, note: 'too long' });
    await handle.result();
    expect(await told(id)).toMatchObject([{ outcome: 'refused', code: 'REFUSED', reason: 'too long' }]);
    expect(sentTo(friendOf(id))).toHaveLength(0);
  });

  it('is decided in any order when calls wait side by side', async () => {
    const id = 'parallel';
    const handle = await desk.job(
      [[send(friendOf(id), 'first of all'), send(friendOf(id), 'second of all'), send(friendOf(id), 'third of all')]],
      id,
    );
    const waits = await waiting(handle, 3);
    for (const index of [2, 0, 1])
      await handle.signal(index === 0 ? 'refuse' : 'approve', { requestId: waits[index]?.requestId });
    const { calls } = (await handle.result()) as JobReport;
    expect(calls.map(({ outcome }) => outcome).toSorted()).toEqual(['done', 'done', 'refused']);
    expect(sentTo(friendOf(id))).toHaveLength(2);
  });

  it('waits for a fact that cannot be told: an unknown gate speaks', async () => {
    const id = 'unknown-fact';
    desk.world.unlucky = undefined;
    try {
      const handle = await desk.job([[send(friendOf(id))]], id);
      const [request] = await waiting(handle);
      expect(request?.reason).toContain('unlucky');
      await handle.signal('refuse', { requestId: request?.requestId });
      await handle.result();
    } finally {
      desk.world.unlucky = false;
    }
    expect(sentTo(friendOf(id))).toHaveLength(0);
  });

  it('is asked again when a fact changed between approval and effect', async () => {
    const id = 'changed-fact';
    const handle = await desk.job([[send(friendOf(id), 'one two three')]], id);
    const [request] = await waiting(handle);
    desk.world.unlucky = true;
    try {
      await handle.signal('approve', { requestId: request?.requestId });
      const again = await desk.requestOf(id, ({ request_id }) => request_id !== request?.requestId);
      expect(again.reason).toContain('the friend is unlucky');
      expect(sentTo(friendOf(id))).toHaveLength(0);
      await handle.signal('refuse', { requestId: again.request_id });
      await handle.result();
    } finally {
      desk.world.unlucky = false;
    }
  });
});

describe('what is revoked', () => {
  it('holds a send as a draft when the job is capped at draft-only by an empty Signal', async () => {
    const id = 'capped';
    const handle = await desk.job([[send(friendOf(id), 'one two three')], [send(friendOf(id), 'short')]], id);
    const [request] = await waiting(handle);
    await handle.signal('revoke');
    await until(async () =>
      (await handle.query<{ level?: string }>('boundary')).level === 'draft-only' ? true : undefined,
    );
    await handle.result();
    expect(await told(id)).toMatchObject([{ outcome: 'held' }, { outcome: 'held' }]);
    expect(sentTo(friendOf(id))).toHaveLength(0);
    expect(request).toBeDefined();
  });
});
