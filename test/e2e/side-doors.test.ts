import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { CONTROL_CHAIN, readChain } from '../../src/ledger/audit-log.ts';
import { admitAhead, findJob } from '../../src/ledger/job.ts';
import { RemitPlugin } from '../../src/plugin.ts';
import { HOUSE, openDesk } from '../support/desk.ts';
import type { Desk } from '../support/desk.ts';

/** Doors beside the front door, on a real server: what comes in by them reaches nothing. */
const only = ['desk-work'];
let desk: Desk;
let client: Client;
beforeAll(async () => {
  desk = await openDesk({
    bindings: { plainWorkflow: only, parallelWorkflow: only, localWorkflow: only, selfApproving: only },
  });
  client = desk.remit.client;
});
afterAll(() => desk.close());

const call = (to: string) => ({ action: 'desk.send', input: { to, text: 'hello' } });
const arrived = (to: string) => desk.sink.sent.filter((each) => each.to === to).length;

/** The gRPC status. */
const UNIMPLEMENTED = 12;

async function refusals(): Promise<string> {
  const { rows } = await readChain(desk.remit.ledger, CONTROL_CHAIN);
  return rows.map(({ entry }) => entry).join('\n');
}

/** A failed promise's error and all its causes. */
async function causesOf(work: Promise<unknown>): Promise<readonly Error[]> {
  const error: unknown = await work.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  const causes: Error[] = [];
  for (let each = error; each instanceof Error; each = each.cause) causes.push(each);
  return causes;
}

/** The code the guard answered with, out of a failed Workflow. */
async function failureOf(work: Promise<unknown>): Promise<string> {
  return (await causesOf(work)).map(({ message }) => message).join(' | ');
}

describe('a side door', () => {
  it('does not admit a Workflow type that is bound to no charter', async () => {
    const failure = await failureOf(
      client.workflow.execute('unboundWorkflow', {
        taskQueue: desk.taskQueue,
        workflowId: 'door-unbound',
        args: [{ friend: 'unbound@friend.example' }],
      }),
    );
    expect(failure).toContain('UNBOUND_WORKFLOW');
    expect(arrived('unbound@friend.example')).toBe(0);
    expect(await refusals()).toContain('door-unbound: UNBOUND_WORKFLOW');
  });

  it('does not let a child Workflow inherit its parent', async () => {
    const failure = await failureOf(
      client.workflow.execute('parentWorkflow', {
        taskQueue: desk.taskQueue,
        workflowId: 'door-child',
        args: [{ friend: 'child@friend.example' }],
      }),
    );
    expect(failure).toContain('CHILD_WORKFLOW');
    expect(arrived('child@friend.example')).toBe(0);
  });

  it.each([
    ['another charter', { charter: 'everything-goes', case: { friend: 'a@friend.example' } }, 'UNKNOWN_CHARTER'],
    [
      'a case with more than the charter asks',
      { charter: 'desk-work', case: { friend: 'a@friend.example', admin: true } },
      'INPUT_REJECTED',
    ],
    ['a case of the wrong type', { charter: 'desk-work', case: { friend: 'everyone' } }, 'INPUT_REJECTED'],
    [
      'keys beside charter and case',
      { charter: 'desk-work', case: { friend: 'a@friend.example' }, level: 'high-impact' },
      'INPUT_REJECTED',
    ],
  ])('does not admit forged input with %s', async (_what, input, code) => {
    const failure = await failureOf(
      client.workflow.execute('agentJob', {
        taskQueue: desk.taskQueue,
        workflowId: `door-input-${code}-${Math.random()}`,
        args: [input],
      }),
    );
    expect(failure).toContain(code);
  });

  it('does not lend an admission made ahead to a Workflow started with another case', async () => {
    await admitAhead(desk.remit.ledger, {
      workflowId: 'door-hijack',
      workflowType: 'agentJob',
      charter: 'desk-work',
      agent: 'desk-clerk',
      brain: 'script',
      case: { friend: 'mine@friend.example' },
      starter: { name: 'dana', assurance: 'session', door: 'cli' },
    });
    const failure = await failureOf(
      client.workflow.execute('agentJob', {
        taskQueue: desk.taskQueue,
        workflowId: 'door-hijack',
        args: [{ charter: 'desk-work', case: { friend: 'theirs@friend.example' }, brain: 'script' }],
      }),
    );
    expect(failure).toContain('ADMISSION_MISMATCH');
  });

  it('does not lend a closed job to whoever starts its id again', async () => {
    const id = 'door-again';
    const friend = `${id}@friend.example`;
    await (await desk.job([[call(friend)]], id)).result();
    const first = await desk.remit.ledger.run((db) => findJob(db, id));
    await (await desk.job([[call(friend)]], id)).result();
    const second = await desk.remit.ledger.run((db) => findJob(db, id));
    expect(second?.jobId).not.toBe(first?.jobId);
    expect(second?.starter.assurance).toBe('unverified');
  });

  it('denies a standalone Activity', async () => {
    const causes = await causesOf(
      client.activity.execute('desk.send', {
        id: 'door-standalone',
        taskQueue: desk.taskQueue,
        args: [{ to: 'alone@friend.example', text: 'hi' }],
        startToCloseTimeout: '10s',
        retry: { maximumAttempts: 1 },
      }),
    );
    // A server that has no standalone Activities refuses it before we could.
    const isRefused = causes.some(
      (each) => each.message.includes('STANDALONE_ACTIVITY') || ('code' in each && each.code === UNIMPLEMENTED),
    );
    expect({ isRefused, causes }).toMatchObject({ isRefused: true });
    expect(arrived('alone@friend.example')).toBe(0);
  });

  it('does not admit a starter who is known less well than the house asks', async () => {
    const strict = await openDesk({ house: HOUSE.replace('start: unverified', 'start: session') });
    try {
      const id = `door-starter-${strict.taskQueue}`;
      const failure = await failureOf((await strict.job([[call(`${id}@friend.example`)]], id)).result());
      expect(failure).toContain('STARTER_UNKNOWN');
      expect(strict.sink.sent).toHaveLength(0);
      expect(await strict.remit.ledger.run((db) => findJob(db, id))).toBeUndefined();
    } finally {
      await strict.close();
    }
  });

  it('keeps a Worker from starting with an Activity that is neither an action nor exempt', async () => {
    const connection = await NativeConnection.connect({ address: inject('temporalAddress') });
    const start = Worker.create({
      connection,
      taskQueue: `${desk.taskQueue}-loose`,
      workflowBundle: { codePath: inject('workflowBundle') },
      activities: { wireMoney: async () => 'gone' },
      plugins: [new RemitPlugin(desk.remit.port, [])],
    });
    await expect(start).rejects.toThrow('`wireMoney`');
    await connection.close();
  });

  it('leaves a Workflow that is no job its own Signals of the same names', async () => {
    const options = { taskQueue: desk.taskQueue, workflowId: 'own-affairs' };
    const handle = await client.workflow.start('ownAffairs', options);
    await handle.signal('approve', 'granted');
    expect(await handle.result()).toBe('granted');
  });

  it('admits a plain Workflow once, however many first actions it takes at once', async () => {
    const friend = 'two-at-once@friend.example';
    await client.workflow.execute('parallelWorkflow', {
      taskQueue: desk.taskQueue,
      workflowId: 'two-at-once',
      args: [{ friend }],
    });
    expect(arrived(friend)).toBe(2);
  });

  it('denies an action of a Workflow that was bundled without the gate', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'remit-no-gate-'));
    const { code } = await bundleWorkflowCode({ workflowsPath: join(import.meta.dirname, '../support/workflows.ts') });
    const workflowBundle = join(folder, 'workflows.js');
    await writeFile(workflowBundle, code);
    const ungated = await openDesk({ workflowBundle, bindings: { hurriedWorkflow: only } });
    try {
      const about = { friend: 'ungated@friend.example' };
      const { taskQueue } = ungated;
      const options = { taskQueue, workflowId: `ungated-${taskQueue}`, args: [about, [call(about.friend)]] };
      expect(await client.workflow.execute('hurriedWorkflow', options)).toEqual(['GATE_NOT_INSTALLED']);
      expect(ungated.sink.sent).toEqual([]);
    } finally {
      await ungated.close();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('believes no Workflow that says its own request was approved', async () => {
    const friend = 'self@friend.example';
    const long = { action: 'desk.send', input: { to: friend, text: 'one two three' } };
    const options = { taskQueue: desk.taskQueue, workflowId: 'door-self', args: [{ friend }, long] };
    const handle = await client.workflow.start('selfApproving', options);
    const { request_id: requestId } = await desk.requestOf('door-self');
    await handle.signal('itsRequest', requestId);
    await handle.result();
    const verdicts = await desk.remit.ledger.run((db) =>
      db.selectFrom('verdict').selectAll().where('request_id', '=', requestId).execute(),
    );
    expect(verdicts).toEqual([]);
    expect(arrived(friend)).toBe(0);
  });

  it.each([
    ['does a permitted read', 'desk.readNote', { id: '1' }, 'done'],
    ['rejects a payload that does not fit', 'desk.readNote', { id: 1 }, 'INPUT_REJECTED'],
    ['denies every effect', 'desk.send', { to: 'door-local@friend.example', text: 'hello' }, 'LOCAL_EFFECT'],
  ] as const)('behind a local Activity %s', async (what, action, input, answer) => {
    const workflowId = `door-local-${what.replaceAll(' ', '-')}`;
    const args = [{ friend: 'door-local@friend.example' }, action, input];
    const options = { taskQueue: desk.taskQueue, workflowId, args };
    expect(await client.workflow.execute('localWorkflow', options)).toBe(answer);
    expect(arrived('door-local@friend.example')).toBe(0);
  });

  it('does what a plain Workflow of another team is permitted, with no line of it changed', async () => {
    const friend = 'plain-team@friend.example';
    await client.workflow.execute('plainWorkflow', {
      taskQueue: desk.taskQueue,
      workflowId: 'plain-team',
      args: [{ friend }],
    });
    expect(arrived(friend)).toBe(1);
  });
});
