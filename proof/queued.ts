import { NativeConnection, Worker } from '@temporalio/worker';
import { admitAhead } from '../src/ledger/job.ts';
import { restore, revoke } from '../src/ledger/revocation.ts';
import type { Scope } from '../src/policy/revocation.ts';
import { openDesk } from '../test/support/desk.ts';
import type { Desk } from '../test/support/desk.ts';
import { freshDatabase } from '../test/support/database.ts';
import { until } from '../test/support/until.ts';
import type { Servers } from './servers.ts';
import { Tally } from './tally.ts';
import type { Say } from './tally.ts';

const KINDS = ['cap', 'disable', 'pause-outbound'] as const;
const SCOPES = ['job', 'agent', 'charter'] as const;
const OPERATOR = { name: 'an operator', assurance: 'session', door: 'proof' } as const;

export interface QueuedPlan {
  readonly trials: number;
  /** Jobs whose effects are queued together. */
  readonly atOnce: number;
}

/** Effects wait in Temporal's queue, nobody works it; a revocation commits; then the Worker comes. */
export async function proveQueued(servers: Servers, { trials, atOnce }: QueuedPlan, say: Say): Promise<Tally> {
  const tally = new Tally();
  let stopped = 0;
  for (let batch = 0; batch * atOnce < trials; batch++) {
    const jobs = Math.min(atOnce, trials - batch * atOnce);
    stopped += await raceBatch(servers, batch, jobs, tally);
    say(`${stopped} of ${trials} queued effects lost against a revocation`);
  }
  tally.count('queued effects against a committed revocation', trials);
  tally.count('of these that did not happen', stopped);
  return tally;
}

/** @returns how many effects lost, as they should */
async function raceBatch(servers: Servers, batch: number, jobs: number, tally: Tally): Promise<number> {
  const database = await freshDatabase(servers.databaseUrl);
  const desk = await openDesk({
    ...servers,
    databaseUrl: database.url,
    start: false,
    bindings: { hurriedWorkflow: ['desk-work'] },
  });
  try {
    const queued = await queueEffects(servers, desk, jobs);
    const revoked = await revokeAll(desk, batch, queued);
    desk.remit.start();
    const outcomes = await Promise.all(queued.map(({ handle }) => handle.result()));
    const arrived = (id: string) => desk.sink.sent.some(({ to }) => to === friendOf(id));
    const lost = queued.filter(({ workflowId }, index) => String(outcomes[index]) !== 'done' && !arrived(workflowId));
    for (const job of queued)
      tally.check(lost.includes(job), `batch ${batch}: an effect happened after its revocation`);
    tally.check(desk.sink.sent.length === 0, `batch ${batch}: ${desk.sink.sent.length} messages arrived`);
    await theWayWasOpen(desk, revoked, tally);
    return lost.length;
  } finally {
    await desk.close();
    await database.drop();
  }
}

type Queued = Awaited<ReturnType<typeof queueEffects>>;

/** A Worker that knows Workflows only schedules every effect, and is stopped. */
async function queueEffects({ temporalAddress, workflowBundle }: Servers, desk: Desk, jobs: number) {
  const connection = await NativeConnection.connect({ address: temporalAddress });
  const worker = await Worker.create({
    connection,
    taskQueue: desk.taskQueue,
    workflowBundle: { codePath: workflowBundle },
  });
  try {
    return await worker.runUntil(async () => {
      const started = await Promise.all(
        Array.from({ length: jobs }, (_, index) => startJob(desk, `${desk.taskQueue}-${index}`)),
      );
      for (const { handle } of started)
        await until(async () => ((await handle.describe()).raw.pendingActivities?.length === 1 ? true : undefined));
      return started;
    });
  } finally {
    await connection.close();
  }
}

const friendOf = (workflowId: string) => `${workflowId}@friend.example`;

async function startJob({ remit, taskQueue }: Desk, workflowId: string) {
  const about = { friend: friendOf(workflowId) };
  const jobId = await admitAhead(remit.ledger, {
    workflowId,
    workflowType: 'hurriedWorkflow',
    charter: 'desk-work',
    agent: 'desk-clerk',
    brain: null,
    case: about,
    starter: OPERATOR,
  });
  const calls = [{ action: 'desk.send', input: { to: friendOf(workflowId), text: 'hello' } }];
  const handle = await remit.client.workflow.start('hurriedWorkflow', { taskQueue, workflowId, args: [about, calls] });
  return { workflowId, jobId, handle };
}

/** One revocation a job, or one that covers them all. */
async function revokeAll({ remit: { ledger } }: Desk, batch: number, queued: Queued): Promise<readonly string[]> {
  const kind = SCOPES[batch % SCOPES.length] ?? 'job';
  const scopes: readonly Scope[] =
    kind === 'job'
      ? queued.map(({ jobId }) => ({ kind, value: jobId }))
      : [{ kind, value: kind === 'agent' ? 'desk-clerk' : 'desk-work' }];
  const revoked: string[] = [];
  for (const [index, scope] of scopes.entries()) {
    const how = KINDS[(batch + Math.floor(batch / SCOPES.length) + index) % KINDS.length] ?? 'disable';
    const level = how === 'cap' ? ({ level: 'draft-only' } as const) : {};
    const receipt = await revoke(ledger, {
      kind: how,
      ...level,
      scope,
      readsToo: false,
      reason: 'proof',
      by: OPERATOR,
    });
    revoked.push(receipt.revocationId);
  }
  return revoked;
}

/** Nothing but the revocation stopped them: once it is over, the same effect happens. */
async function theWayWasOpen(desk: Desk, revoked: readonly string[], tally: Tally): Promise<void> {
  for (const revocationId of revoked) await restore(desk.remit.ledger, revocationId, OPERATOR);
  const { handle } = await startJob(desk, `${desk.taskQueue}-after`);
  await handle.result();
  tally.check(desk.sink.sent.length === 1, 'the same effect does not happen even when nothing is revoked');
}
