import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { activitiesOf } from '../src/activities/control.ts';
import { guard } from '../src/activities/guard.ts';
import type { GuardPort } from '../src/activities/guard-port.ts';
import { CredentialBroker } from '../src/identity/credential.ts';
import { admitAhead } from '../src/ledger/job.ts';
import { Ledger } from '../src/ledger/ledger.ts';
import { restore, revoke } from '../src/ledger/revocation.ts';
import { openGuardPort } from '../src/plugin.ts';
import { freshDatabase } from '../test/support/database.ts';
import { deskActions, HOUSE } from '../test/support/desk.ts';
import type { Sink } from '../test/support/desk.ts';
import { until } from '../test/support/until.ts';
import { orderCommits, lateIntents } from './commit-order.ts';
import { report } from './report.ts';
import { withServers } from './servers.ts';
import type { Servers } from './servers.ts';
import { Tally } from './tally.ts';
import type { Say } from './tally.ts';

const CHARTER = `
charter: race-work
agent: race-clerk
owner: Head of Desk
purpose: Send while being revoked
level: selected-sends
case: { name: text }
permits:
  - { id: send-messages, verb: send, record: desk.message }
approvals: { expireAfterHours: 1, atExpiry: refuse }
`;

const SCOPES = ['job', 'agent', 'charter'] as const;
const KINDS = ['cap', 'disable', 'pause-outbound'] as const;
const OPERATOR = { name: 'operator', assurance: 'session', door: 'proof' } as const;

export interface RacePlan {
  /** Effects queued before a committed revocation, in all. */
  readonly queued: number;
  /** A round has one kind of revocation, one scope and a share of the effects. */
  readonly rounds: number;
  /** Revocations that come while jobs send as fast as they can. */
  readonly storms: number;
}

/** A committed revocation against effects that were queued before it, and against decisions that run beside it. */
export async function proveRaces(servers: Servers, plan: RacePlan, say: Say): Promise<Tally> {
  const tally = new Tally();
  const scene = await setScene(servers);
  try {
    const stopped = { denied: 0, effects: 0, freed: 0 };
    for (let round = 0; round < plan.rounds; round++) {
      const share = Math.floor(plan.queued / plan.rounds) + (round < plan.queued % plan.rounds ? 1 : 0);
      await queuedRound(scene, round, share, stopped, tally);
      say(
        `round ${round + 1} of ${plan.rounds}: ${SCOPES[round % 3]} scope, ${stopped.denied} queued effects stopped so far`,
      );
    }
    tally.count('effects queued before a committed revocation', plan.queued);
    tally.count('of them stopped', stopped.denied);
    tally.count('of them that happened', stopped.effects);
    tally.count('effects of the same jobs after restore', stopped.freed);
    for (let storm = 0; storm < plan.storms; storm++) await stormRound(scene, storm, tally, say);
  } finally {
    await scene.close();
  }
  return tally;
}

interface Scene {
  readonly servers: Servers;
  readonly client: Client;
  readonly native: NativeConnection;
  readonly port: GuardPort;
  readonly sink: Sink;
  readonly close: () => Promise<void>;
}

async function setScene(servers: Servers): Promise<Scene> {
  const database = await freshDatabase(servers.databaseUrl);
  const dataDir = await mkdtemp(join(tmpdir(), 'remit-races-'));
  await writeFile(join(dataDir, 'race.charter.yaml'), CHARTER);
  await writeFile(join(dataDir, 'house-rules.yaml'), HOUSE);
  const connection = await Connection.connect({ address: servers.temporalAddress });
  const native = await NativeConnection.connect({ address: servers.temporalAddress });
  const client = new Client({ connection });
  const sink: Sink = { sent: [], before: () => undefined };
  const ledger = await Ledger.open(database.url, { connections: 20 });
  await orderCommits(ledger);
  const port = await openGuardPort({
    ledger,
    client,
    credentials: await CredentialBroker.open(join(dataDir, 'credential-key.json')),
    actions: deskActions(sink),
    facts: [],
    brains: [],
    chartersDir: dataDir,
    houseRulesFile: join(dataDir, 'house-rules.yaml'),
    bindings: { hurriedWorkflow: ['race-work'] },
    log: { info: () => undefined, warn: () => undefined },
  });
  const close = async () => {
    await ledger.close();
    await Promise.all([connection.close(), native.close()]);
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { servers, client, native, port, sink, close };
}

interface RacingJob {
  readonly jobId: string;
  readonly handle: WorkflowHandle;
}

async function startJob({ client, port }: Scene, taskQueue: string, texts: readonly string[]): Promise<RacingJob> {
  const workflowId = `race-${randomBytes(6).toString('hex')}`;
  const caseInput = { name: workflowId };
  const jobId = await admitAhead(port.ledger, {
    workflowId,
    workflowType: 'hurriedWorkflow',
    charter: 'race-work',
    agent: 'race-clerk',
    brain: null,
    case: caseInput,
    starter: OPERATOR,
  });
  const calls = texts.map((text) => ({ action: 'desk.send', input: { to: `${workflowId}@friend.example`, text } }));
  const handle = await client.workflow.start('hurriedWorkflow', { taskQueue, workflowId, args: [caseInput, calls] });
  return { jobId, handle };
}

/** A Worker that runs Workflow code and no Activity: what it schedules stays queued. */
async function workflowWorker({ native, servers }: Scene, taskQueue: string): Promise<Worker> {
  return Worker.create({
    connection: native,
    taskQueue,
    workflowBundle: { codePath: servers.workflowBundle },
    maxCachedWorkflows: 0,
  });
}

/** A Worker that runs Activities and no Workflow code. */
async function activityWorker({ native, port }: Scene, taskQueue: string): Promise<Worker> {
  return Worker.create({
    connection: native,
    taskQueue,
    activities: activitiesOf(port, []),
    interceptors: { activity: [guard(port)] },
    maxConcurrentActivityTaskExecutions: 16,
  });
}

/** Queues effects, stops the Workflow Worker, commits the revocation, and only then lets Activities run. */
async function queuedRound(
  scene: Scene,
  round: number,
  share: number,
  stopped: { denied: number; effects: number; freed: number },
  tally: Tally,
): Promise<void> {
  const taskQueue = `races-${randomBytes(5).toString('hex')}`;
  const workflows = await workflowWorker(scene, taskQueue);
  const jobs = await workflows.runUntil(async () => {
    const started = await Promise.all(
      Array.from({ length: share }, () => startJob(scene, taskQueue, ['queued', 'afterwards'])),
    );
    await Promise.all(started.map(({ handle }) => untilQueued(handle)));
    return started;
  });
  const before = scene.sink.sent.length;
  const revocations = await revokeAll(scene, round, jobs);
  const outcomes = await (
    await activityWorker(scene, taskQueue)
  ).runUntil(async () => Promise.all(jobs.map(({ jobId }) => decisionOn(scene, jobId))));
  for (const [index, outcome] of outcomes.entries())
    tally.check(['deny', 'hold'].includes(outcome), `round ${round + 1}, job ${index + 1}: ${outcome}`);
  stopped.denied += outcomes.filter((outcome) => outcome !== 'permit').length;
  stopped.effects += scene.sink.sent.length - before;
  tally.check(
    scene.sink.sent.length === before,
    `round ${round + 1}: ${scene.sink.sent.length - before} effects after the revocation`,
  );
  await freeAll(scene, taskQueue, jobs, revocations);
  const freed = scene.sink.sent.length - before;
  stopped.freed += freed;
  tally.check(freed === share, `round ${round + 1}: after restore ${freed} of ${share} jobs acted`);
}

async function untilQueued(handle: WorkflowHandle): Promise<void> {
  await until(async () => ((await handle.describe()).raw.pendingActivities?.length === 1 ? true : undefined));
}

async function revokeAll(
  { port: { ledger } }: Scene,
  round: number,
  jobs: readonly RacingJob[],
): Promise<readonly string[]> {
  const scope = SCOPES[round % SCOPES.length] ?? 'job';
  const kind = KINDS[Math.floor(round / SCOPES.length) % KINDS.length] ?? 'cap';
  const values = scope === 'job' ? jobs.map(({ jobId }) => jobId) : [scope === 'agent' ? 'race-clerk' : 'race-work'];
  const receipts = await Promise.all(
    values.map((value) =>
      revoke(ledger, {
        kind,
        ...(kind === 'cap' ? { level: 'draft-only' as const } : {}),
        scope: { kind: scope, value },
        readsToo: false,
        reason: 'the race',
        by: OPERATOR,
      }),
    ),
  );
  return receipts.map(({ revocationId }) => revocationId);
}

/** The outcome on record of the first decision on a job. */
async function decisionOn({ port: { ledger } }: Scene, jobId: string): Promise<string> {
  return until(async () => {
    const row = await ledger.run((db) =>
      db
        .selectFrom('audit_entry')
        .select('entry')
        .where('chain_id', '=', jobId)
        .where('kind', '=', 'decision')
        .orderBy('seq')
        .limit(1)
        .executeTakeFirst(),
    );
    return row === undefined ? undefined : (JSON.parse(row.entry) as { outcome: string }).outcome;
  }, 60_000);
}

/** Nothing else stood in the way: restored, each job's next call is done. */
async function freeAll(
  scene: Scene,
  taskQueue: string,
  jobs: readonly RacingJob[],
  revocations: readonly string[],
): Promise<void> {
  await Promise.all(revocations.map((revocationId) => restore(scene.port.ledger, revocationId, OPERATOR)));
  const workers = await Promise.all([workflowWorker(scene, taskQueue), activityWorker(scene, taskQueue)]);
  const over = Promise.all(jobs.map(({ handle }) => handle.result()));
  await Promise.all(workers.map((worker) => worker.runUntil(over)));
}

/** One revocation in the middle of many decisions: by the order of commits, no intent comes after it. */
async function stormRound(scene: Scene, storm: number, tally: Tally, say: Say): Promise<void> {
  const taskQueue = `storm-${randomBytes(5).toString('hex')}`;
  const texts = Array.from({ length: 10 }, (_, index) => `n${index}`);
  const workers = await Promise.all([workflowWorker(scene, taskQueue), activityWorker(scene, taskQueue)]);
  const before = scene.sink.sent.length;
  const work = async (): Promise<string> => {
    const jobs = await Promise.all(Array.from({ length: 10 }, () => startJob(scene, taskQueue, texts)));
    await until(async () => (scene.sink.sent.length > before + 5 ? true : undefined));
    const [revocationId = ''] = await revokeAll(scene, 1 + storm, jobs.slice(0, 1));
    await Promise.all(jobs.map(({ handle }) => handle.result()));
    return revocationId;
  };
  const storming = work();
  await Promise.all(workers.map((worker) => worker.runUntil(storming)));
  const revocationId = await storming;
  const { early, late } = await lateIntents(scene.port.ledger, revocationId);
  tally.check(late === 0, `storm ${storm + 1}: ${late} intents committed after the revocation`);
  tally.check(
    early > 5 && scene.sink.sent.length - before < 100,
    `storm ${storm + 1}: the revocation did not come in the middle`,
  );
  tally.count(
    `storm ${storm + 1}: effects begun before the revocation, and after`,
    `${scene.sink.sent.length - before}, ${late}`,
  );
  await restore(scene.port.ledger, revocationId, OPERATOR);
  say(`storm ${storm + 1}: ${scene.sink.sent.length - before} of 100 effects had begun, ${late} after the revocation`);
}

if (import.meta.main) {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const startedAt = Date.now();
  const tally = await withServers((servers) => proveRaces(servers, { queued: 200, rounds: 9, storms: 5 }, console.log));
  const claim =
    'An effect that was queued before a revocation committed does not happen, with the Workflow Worker stopped; and while jobs act as fast as they can, no intent commits after a revocation has.';
  await report({ name: 'races', claim }, tally, startedAt);
}
