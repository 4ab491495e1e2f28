import { randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findJob } from '../../src/ledger/job.ts';
import { liveRevocations, revoke } from '../../src/ledger/revocation.ts';
import { openDesk } from '../support/desk.ts';
import type { Desk } from '../support/desk.ts';
import { temporalCli } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** Everything here is done with `@temporalio/client` and the `temporal` command alone: none of our client code. */
let desk: Desk;
let connection: Connection;
let client: Client;
beforeAll(async () => {
  desk = await openDesk();
  connection = await Connection.connect({ address: inject('temporalAddress') });
  client = new Client({ connection });
});
afterAll(async () => {
  await connection.close();
  await desk.close();
});

const run = promisify(execFile);
const temporal = (...args: string[]) => run(temporalCli(), [...args, '--address', inject('temporalAddress')]);

interface Pending {
  requestId: string;
  sentence: string;
}

/** A job of the scripted brain, started as any Temporal user would. */
async function start(turns: unknown[][], workflowId = `plain-${randomBytes(5).toString('hex')}`) {
  desk.script(workflowId, turns);
  const friend = `${workflowId}@friend.example`;
  const handle = await client.workflow.start('agentJob', {
    taskQueue: desk.taskQueue,
    workflowId,
    args: [{ charter: 'desk-work', case: { friend }, brain: 'script' }],
  });
  const send = () => desk.sink.sent.filter(({ to }) => to === friend);
  return { handle, friend, workflowId, arrived: send };
}

const gated = (workflowId: string, text = 'one two three') => ({
  action: 'desk.send',
  input: { to: `${workflowId}@friend.example`, text },
});

async function pending(handle: { query: (name: string) => Promise<unknown> }): Promise<Pending> {
  return until(async () => ((await handle.query('pendingApprovals')) as Pending[])[0]);
}

describe('with only a Temporal client', () => {
  it('approves, and the action happens once', async () => {
    const id = 'plain-approve';
    const { handle, arrived } = await start([[gated(id)]], id);
    await handle.signal('approve', { requestId: (await pending(handle)).requestId, note: 'fine' });
    await handle.result();
    expect(arrived()).toHaveLength(1);
  });

  it('refuses, and the agent goes on without it', async () => {
    const id = 'plain-refuse';
    const { handle, arrived } = await start([[gated(id)], [gated(id, 'short')]], id);
    await handle.signal('refuse', { requestId: (await pending(handle)).requestId });
    expect(await handle.result()).toMatchObject({ calls: [{ outcome: 'refused' }, { outcome: 'done' }] });
    expect(arrived()).toHaveLength(1);
  });

  it('caps a job at draft-only by an empty revoke, and keeps what waits and what follows as drafts', async () => {
    const id = 'plain-revoke';
    const { handle, arrived } = await start([[gated(id)], [gated(id, 'second long message')]], id);
    const first = await pending(handle);
    await handle.signal('revoke');
    await until(async () =>
      ((await handle.query('boundary')) as { level: string }).level === 'draft-only' ? true : undefined,
    );
    expect(await handle.result()).toMatchObject({ calls: [{ outcome: 'held' }, { outcome: 'held' }] });
    expect(arrived()).toHaveLength(0);
    expect(first.sentence).toContain('Send this message');
  });

  it('narrows by a kind of its own, and an empty restore gives all of it back', async () => {
    const id = 'plain-restore';
    const { handle, arrived } = await start([[gated(id)], [gated(id, 'brief')]], id);
    await pending(handle);
    const mode = async (wanted: string) =>
      until(async () => (((await handle.query('boundary')) as { mode: string }).mode === wanted ? true : undefined));
    await handle.signal('revoke', { kind: 'require-review', reason: 'look at everything' });
    await mode('narrowed');
    await handle.signal('restore');
    await mode('open');
    await until(async () => {
      const [request] = (await handle.query('pendingApprovals')) as Pending[];
      if (request !== undefined) await handle.signal('approve', { requestId: request.requestId });
      return arrived().length > 0 ? true : undefined;
    });
    // Still narrowed, the second message would wait for a person too.
    expect(await handle.result()).toMatchObject({ calls: [{ outcome: 'done' }, { outcome: 'done' }] });
  });

  it('shows mode, level and paragraph as last told', async () => {
    const id = 'plain-boundary';
    const { handle } = await start([[gated(id)]], id);
    const { requestId } = await pending(handle);
    const view = await handle.query('boundary');
    expect(view).toMatchObject({ mode: 'open', level: 'selected-sends', agent: 'desk-clerk', charter: 'desk-work' });
    expect((view as { paragraph: string }).paragraph).toContain('desk-clerk');
    const { searchAttributes, memo } = await handle.describe();
    expect(searchAttributes).toMatchObject({
      RemitAgent: ['desk-clerk'],
      RemitLevel: ['selected-sends'],
      RemitOpenApprovals: [1],
    });
    expect(JSON.stringify(memo)).toContain(requestId);
    await handle.signal('refuse', { requestId });
    await handle.result();
  });

  it('works with the temporal command: start, signal, query', async () => {
    const id = 'plain-cli';
    desk.script(id, [[gated(id)]]);
    const input = JSON.stringify({ charter: 'desk-work', case: { friend: `${id}@friend.example` }, brain: 'script' });
    await temporal(
      'workflow',
      'start',
      '--type',
      'agentJob',
      '--task-queue',
      desk.taskQueue,
      '--workflow-id',
      id,
      '--input',
      input,
    );
    const handle = client.workflow.getHandle(id);
    const { requestId } = await pending(handle);
    const { stdout } = await temporal('workflow', 'query', '--workflow-id', id, '--type', 'pendingApprovals');
    expect(stdout).toContain(requestId);
    await temporal(
      'workflow',
      'signal',
      '--workflow-id',
      id,
      '--name',
      'approve',
      '--input',
      JSON.stringify({ requestId }),
    );
    expect(await handle.result()).toMatchObject({ calls: [{ outcome: 'done' }] });
  });

  it('pauses and unpauses with a wait open, and a verdict given meanwhile counts', async () => {
    const id = 'plain-pause';
    const { handle, arrived } = await start([[gated(id)]], id);
    const { requestId } = await pending(handle);
    await temporal('workflow', 'pause', '--workflow-id', id, '--reason', 'night');
    await handle.signal('approve', { requestId });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(arrived()).toHaveLength(0);
    await temporal('workflow', 'unpause', '--workflow-id', id, '--reason', 'morning');
    await handle.result();
    expect(arrived()).toHaveLength(1);
  });

  it.each([
    ['an unknown id', 'approve', [{ requestId: 'apr-000000000000' }], 'there is no request'],
    ['the wrong shape', 'approve', ['yes please'], 'must be {requestId, note?}'],
    ['an unknown key', 'refuse', [{ requestId: 'apr-000000000000', as: 'admin' }], 'must be {requestId, note?}'],
    ['a widening', 'revoke', [{ kind: 'cap', level: 'everything' }], 'must be empty or'],
    ['null for a restore', 'restore', [null], 'must be empty or'],
    ['nothing to restore', 'restore', [{ revocationId: 'rev-1' }], 'nothing of that name'],
  ])('audits a bad Signal with %s and changes nothing', async (what, name, args, says) => {
    const id = `plain-bad-${what.replaceAll(' ', '-')}`;
    const { handle, arrived } = await start([[gated(id)]], id);
    const { requestId } = await pending(handle);
    await handle.signal(name, ...args);
    await until(async () => ((await desk.story(id)).some((line) => line.includes(says)) ? true : undefined));
    expect((await pending(handle)).requestId).toBe(requestId);
    expect(arrived()).toHaveLength(0);
    await handle.signal('refuse', { requestId });
    await handle.signal('approve', { requestId });
    await handle.result();
    expect(arrived()).toHaveLength(0);
    expect((await desk.story(id)).join('\n')).toContain('the request is refused already');
  });

  it('cannot restore what somebody better known has revoked', async () => {
    const id = 'plain-restore-less';
    const { handle, arrived } = await start([[gated(id)]], id);
    await pending(handle);
    const job = await desk.remit.ledger.run((db) => findJob(db, id));
    await revoke(desk.remit.ledger, {
      kind: 'disable',
      scope: { kind: 'job', value: job?.jobId ?? '' },
      readsToo: false,
      reason: 'an operator stopped it',
      by: { name: 'olga', assurance: 'session', door: 'cli' },
    });
    await handle.signal('restore');
    const said = await until(async () => (await desk.story(id)).find((line) => line.startsWith('Signal restore')));
    expect(said).toContain('better known than the sender');
    await handle.result();
    expect(arrived()).toHaveLength(0);
    const live = await desk.remit.ledger.run((db) => liveRevocations(db));
    expect(live.map(({ reason }) => reason)).toContain('an operator stopped it');
  });

  it('takes a Signal that comes before its job did anything as early, and audits it', async () => {
    const id = 'plain-early';
    desk.script(id, [[gated(id, 'short')]]);
    const handle = await client.workflow.signalWithStart('agentJob', {
      taskQueue: desk.taskQueue,
      workflowId: id,
      args: [{ charter: 'desk-work', case: { friend: `${id}@friend.example` }, brain: 'script' }],
      signal: 'approve',
      signalArgs: [{ requestId: 'apr-early0000000' }],
    });
    expect(await handle.result()).toMatchObject({ calls: [{ outcome: 'done' }] });
    expect((await desk.story(id)).join('\n')).toContain('there is no request');
  });
});
