import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { openRequests } from '../../src/ledger/approval.ts';
import { findJob } from '../../src/ledger/job.ts';
import { serveDesk } from '../support/api.ts';
import type { Served } from '../support/api.ts';
import { openDesk } from '../support/desk.ts';
import type { Desk } from '../support/desk.ts';
import { until } from '../support/until.ts';

let desk: Desk;
let api: Served;
beforeAll(async () => {
  desk = await openDesk();
  api = await serveDesk(desk);
});
afterAll(async () => {
  await api.close();
  await desk.close();
});

const friendOf = (workflowId: string) => `${workflowId}@friend.example`;
const sentTo = (id: string) => desk.sink.sent.filter(({ to }) => to === friendOf(id));
const longSend = (id: string, text = 'one two three') => ({ action: 'desk.send', input: { to: friendOf(id), text } });

/** A job that waits for a person, and its request. */
async function waitingJob(id: string, text?: string) {
  const handle = await desk.job([[longSend(id, text)]], id);
  const requestId = await until(async () => {
    const open = await desk.remit.ledger.run((db) => openRequests(db));
    return open.find(({ workflow_id }) => workflow_id === id)?.request_id;
  });
  return { handle, requestId };
}

/** What `--json` answers. */
async function json<T>(...argv: readonly string[]): Promise<T> {
  const { out } = await api.cli(...argv, '--json');
  return JSON.parse(out) as T;
}

describe('deciding', () => {
  it('approve lets the action happen once and a second time exits 3', async () => {
    const { handle, requestId } = await waitingJob('cli-approved');
    expect((await api.cli('approvals')).out).toContain(`Send this message to ${friendOf('cli-approved')}`);
    expect((await api.cli('approvals', requestId)).out).toContain('one two three');
    const first = await api.cli('approve', requestId, '--as', 'mona', '--note', 'fine');
    expect(first).toMatchObject({ code: 0, out: expect.stringContaining('Approved, once') });
    await handle.result();
    expect(sentTo('cli-approved')).toHaveLength(1);
    expect(await api.cli('approve', requestId)).toMatchObject({ code: 3, err: expect.stringContaining('spent') });
    expect(sentTo('cli-approved')).toHaveLength(1);
  });

  it('refuse lets nothing happen and the story names who refused and why', async () => {
    const { handle, requestId } = await waitingJob('cli-refused');
    expect(await api.cli('refuse', requestId, '--as', 'mona', '--note', 'we call them')).toMatchObject({ code: 0 });
    await handle.result();
    expect(sentTo('cli-refused')).toHaveLength(0);
    const { out } = await api.cli('audit', 'show', 'cli-refused');
    expect(out).toMatch(/Refused apr-\w+, by mona \(session, cli\): we call them/);
  });

  it('refuse --keep-as-draft keeps what send then sends, once', async () => {
    const { handle, requestId } = await waitingJob('cli-kept');
    await api.cli('refuse', requestId, '--keep-as-draft');
    await handle.result();
    const [draft] = await json<{ draftId: string; state: string }[]>('drafts');
    expect(draft).toMatchObject({ state: 'held' });
    const { out } = await api.cli('drafts', draft?.draftId ?? '');
    expect(out).toContain(`Send this message to ${friendOf('cli-kept')}`);
    expect(out).toContain('exactly this is sent, by desk.send:\n      {\n');
    expect(out).toContain('"text": "one two three"');
    expect(await json('drafts', draft?.draftId ?? '')).toMatchObject({ payload: { text: 'one two three' } });
    expect((await api.cli('send', draft?.draftId ?? '', '--as', 'mona')).code).toBe(0);
    expect(sentTo('cli-kept')).toHaveLength(1);
    const again = await api.cli('send', draft?.draftId ?? '');
    expect(again).toMatchObject({ code: 3, err: expect.stringContaining('sent already') });
    expect(await json('drafts', '--all')).toMatchObject([{ state: 'sent', sentBy: 'mona' }]);
    expect(sentTo('cli-kept')).toHaveLength(1);
  });
});

describe('narrowing', () => {
  it('revoke caps a job at draft-only, restore lists and ends it', async () => {
    const { handle } = await waitingJob('cli-capped');
    const { revocationId } = await json<{ revocationId: string }>('revoke', '--job', 'cli-capped', '--reason', 'odd');
    await handle.result();
    expect(sentTo('cli-capped')).toHaveLength(0);
    const { out } = await api.cli('job', 'cli-capped');
    expect(out).toContain('level     draft-only');
    expect(out).toContain(revocationId);
    expect((await api.cli('restore')).out).toContain('cap at draft-only on job');
    expect(await api.cli('restore', '--job', 'cli-capped')).toMatchObject({
      code: 0,
      out: `Restored: ${revocationId}`,
    });
    expect(await api.cli('restore', '--job', 'cli-capped')).toMatchObject({ code: 3 });
    expect((await api.cli('restore')).out).toBe('Nothing is revoked now.');
  });

  it('revoke says what is revoked, since when, what is still finishing and how to end it', async () => {
    const { code, out } = await api.cli('revoke', '--domain', 'Rival.Example', '--reason', 'a leak');
    await api.cli('restore', '--domain', 'rival.example');
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'Revoked: drop-domain on domain rival.example: a leak.',
      expect.stringMatching(/^In force since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d, as rev-\w+; no effect/),
      'Nothing begun before it is still finishing.',
      expect.stringMatching(/^End it with: remit restore rev-\w+$/),
    ]);
    expect((await api.cli('restore')).out).toBe('Nothing is revoked now.');
  });

  it.each([
    [['--everything', '--kind', 'exclude'], 'exclude takes a customer'],
    [['--customer', '1042', '--kind', 'drop-domain'], 'drop-domain takes a domain'],
    [['--domain', 'dana@rival.example'], 'is no domain'],
    [['--domain', 'rival.example', '--level', 'read-only'], 'only a cap has a level'],
  ])('revoke %j exits 2 and narrows nothing', async (argv, said) => {
    expect(await api.cli('revoke', ...argv)).toMatchObject({ code: 2, err: expect.stringContaining(said) });
    expect((await api.cli('restore')).out).toBe('Nothing is revoked now.');
  });

  it('send exits 3 while the charter is disabled', async () => {
    const { handle, requestId } = await waitingJob('cli-disabled');
    await api.cli('refuse', requestId, '--keep-as-draft');
    await handle.result();
    const [draft] = await json<{ draftId: string }[]>('drafts');
    await api.cli('revoke', '--charter', 'desk-work', '--kind', 'disable');
    const sent = await api.cli('send', draft?.draftId ?? '');
    await api.cli('restore', '--charter', 'desk-work');
    expect(sent).toMatchObject({ code: 3 });
    expect(sentTo('cli-disabled')).toHaveLength(0);
  });
});

describe('starting', () => {
  const start = (id: string, ...more: readonly string[]) =>
    api.cli('start', 'desk-work', '-s', `friend=${friendOf(id)}`, '--brain', 'script', '--id', id, ...more);

  it('starts a job once a Workflow id', async () => {
    expect(await start('cli-started')).toMatchObject({ code: 0, out: expect.stringContaining('Started cli-started') });
    expect(await start('cli-started')).toMatchObject({ code: 3, err: expect.stringContaining('ALREADY_STARTED') });
    await desk.remit.client.workflow.getHandle('cli-started').result();
    expect(await json('jobs')).toContainEqual(expect.objectContaining({ workflowId: 'cli-started' }));
  });

  it('exits 2 and names the field when the case does not fit', async () => {
    const wrong = await api.cli('start', 'desk-work', '--case', '{"friend":"nobody"}', '--brain', 'script');
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('case.friend') });
  });
});

describe('asking for what is not there', () => {
  it.each([
    [['job', 'nobody']],
    [['approvals', 'apr-none']],
    [['approve', 'apr-none']],
    [['drafts', 'dft-none']],
    [['send', 'dft-none']],
    [['restore', 'rev-none']],
    [['revoke', '--agent', 'nobody']],
    [['explain', 'nothing']],
    [['start', 'nothing', '-s', 'a=b']],
    [['audit', 'show', 'nobody']],
    [['audit', 'verify', '../jobs']],
  ])('exits 4: %j', async (argv) => {
    const { code, err } = await api.cli(...argv);
    expect(code).toBe(4);
    expect(err).toMatch(/^remit: there is no|^remit: no charter/);
  });
});

describe('telling', () => {
  it('explain says in one paragraph what holds', async () => {
    const { out } = await api.cli('explain', 'desk-work');
    expect(out).toMatch(/^Agent `desk-clerk` works the charter `desk-work`/);
    expect(out.split('\n')).toHaveLength(1);
    expect((await api.cli('explain')).out).toContain('desk-work  agent desk-clerk');
  });

  it('doctor names every part and exits 0 when all is well', async () => {
    const { code, out } = await api.cli('doctor');
    expect(out).toMatch(/versions +Remit \d+\.\d+\.\d+, Node 2\d/);
    expect(out).toMatch(/Temporal +server \d/);
    expect(out).toMatch(/ledger +PostgreSQL \d+.* answers; \d+ jobs/);
    expect(out).toMatch(/charters +desk-work at [0-9a-f]{12}/);
    expect(out).not.toContain('BAD');
    expect(code).toBe(0);
  });

  it('doctor exits 1 and names what is not well', async () => {
    const idle = await openDesk({ start: false });
    const served = await serveDesk(idle);
    try {
      const { code, out } = await served.cli('doctor');
      expect(code).toBe(1);
      expect(out).toMatch(/^BAD +Worker +has stopped/m);
    } finally {
      await served.close();
      await idle.close();
    }
  });

  it('words of outsiders start no line of their own and move no cursor', async () => {
    const text = 'one two \u001b[2J\rAPPROVED by mona\nthree';
    const { handle, requestId } = await waitingJob('cli-escape', text);
    const { out } = await api.cli('approvals', requestId);
    await api.cli('refuse', requestId);
    await handle.result();
    expect(out).not.toContain('\u001b');
    expect(out).not.toMatch(/^APPROVED/m);
  });

  it('audit cases writes one decision a line, with the verdict on it', async () => {
    const cases = (await api.cli('audit', 'cases')).out.split('\n').map((line) => JSON.parse(line) as object);
    expect(cases).toContainEqual(
      expect.objectContaining({
        decision: expect.objectContaining({ outcome: 'gate' }),
        verdict: expect.objectContaining({ verdict: 'refused', note: 'we call them', door: 'cli' }),
      }),
    );
    for (const each of cases) expect(Object.keys(each)).toEqual(['request', 'decision', 'verdict', 'edit']);
    expect(await json('audit', 'cases')).toEqual(cases);
  });

  it('audit verify exits 0 while the record is whole, and 1 naming the first bad row once somebody changed it', async () => {
    expect(await api.cli('audit', 'verify')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Intact: \d+ entries/),
    });
    const jobId = (await desk.remit.ledger.run((db) => findJob(db, 'cli-refused')))?.jobId ?? '';
    await desk.remit.ledger.transaction(async (trx) => {
      await sql`set local session_replication_role = replica`.execute(trx); // the tables themselves refuse changes
      await sql`update remit.audit_entry set entry = replace(entry, 'mona', 'lisa') where chain_id = ${jobId} and entry like '%mona%refused%'`.execute(
        trx,
      );
    });
    const { code, out } = await api.cli('audit', 'verify', 'cli-refused');
    expect(code).toBe(1);
    expect(out).toMatch(new RegExp(`^NOT intact: chain ${jobId}, first bad row \\d+: `));
    expect(await api.cli('audit', 'verify')).toMatchObject({ code: 1 });
    expect(await api.cli('audit', 'verify', 'cli-approved')).toMatchObject({ code: 0 });
  });
});
