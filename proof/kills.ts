import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { sql } from 'kysely';
import { KILL_POINTS } from '../src/activities/guard-port.ts';
import { chainIds, verifyStored } from '../src/ledger/audit-log.ts';
import { Ledger } from '../src/ledger/ledger.ts';
import { listInDoubt } from '../src/ledger/step.ts';
import { freshDatabase } from '../test/support/database.ts';
import { openWorld } from '../test/support/kill-world.ts';
import type { World } from '../test/support/kill-world.ts';
import type { KillSettings } from '../test/support/kill-worker.ts';
import { report } from './report.ts';
import { withServers } from './servers.ts';
import type { Servers } from './servers.ts';
import { Tally } from './tally.ts';
import type { Say } from './tally.ts';

const WORKER = new URL('../test/support/kill-worker.ts', import.meta.url);
const PATIENCE_MS = 60_000;

export interface KillPlan {
  readonly sends: number;
  readonly kills: number;
}

/** Kills the Worker again and again between intent and outcome, and counts what arrived outside. */
export async function proveKills(servers: Servers, plan: KillPlan, say: Say): Promise<Tally> {
  const tally = new Tally();
  const scene = await setScene(servers);
  try {
    const jobs = await startJobs(scene, plan.sends);
    await killAgainAndAgain(scene, plan.kills, tally, say);
    await finish(scene, jobs, tally);
    await judge(scene, plan.sends, tally);
  } finally {
    await scene.close();
  }
  return tally;
}

interface Scene {
  readonly ledger: Ledger;
  readonly client: Client;
  readonly world: World;
  /** Arrivals for which the ledger had no open intent and no audit entry at that moment. */
  readonly unannounced: string[];
  readonly settings: KillSettings;
  readonly close: () => Promise<void>;
}

async function setScene({ temporalAddress, databaseUrl: server, workflowBundle }: Servers): Promise<Scene> {
  const database = await freshDatabase(server);
  const ledger = await Ledger.open(database.url);
  const unannounced: string[] = [];
  const world = await openWorld(async ({ key }) => {
    if (!(await isIntended(ledger, key))) unannounced.push(key);
  });
  const connection = await Connection.connect({ address: temporalAddress });
  const dataDir = await mkdtemp(join(tmpdir(), 'remit-kills-'));
  const taskQueue = `kills-${randomBytes(5).toString('hex')}`;
  return {
    ledger,
    world,
    unannounced,
    client: new Client({ connection }),
    settings: { temporalAddress, databaseUrl: database.url, workflowBundle, taskQueue, dataDir, worldUrl: world.url },
    close: async () => {
      await world.close();
      await connection.close();
      await ledger.close();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function isIntended(ledger: Ledger, key: string): Promise<boolean> {
  const { rows } = await ledger.run((db) =>
    sql`select 1 from remit.step s where effect_key = ${key} and state = 'intended' and exists (
      select 1 from remit.audit_entry where chain_id = s.job_id and kind = 'final-action' and entry::jsonb ->> 'effectKey' = ${key})`.execute(
      db,
    ),
  );
  return rows.length === 1;
}

type Job = Awaited<ReturnType<typeof startJobs>>[number];

/** Two sends a job, one the world cannot be asked about and one it can; by turns which comes first. */
async function startJobs({ client, settings: { taskQueue } }: Scene, sends: number) {
  const calls = [
    { action: 'world.send', input: { text: 'hello' } },
    { action: 'world.post', input: { text: 'hello' } },
  ];
  return Promise.all(
    Array.from({ length: sends / 2 }, (_, index) =>
      client.workflow.start('hurriedWorkflow', {
        taskQueue,
        workflowId: `${taskQueue}-${index}`,
        workflowTaskTimeout: '2 seconds',
        args: [{ name: `job ${index}` }, index % 2 === 0 ? calls : calls.toReversed()],
      }),
    ),
  );
}

/** Each Worker dies at the next point in turn, on its first, second or third passing. */
async function killAgainAndAgain({ settings }: Scene, kills: number, tally: Tally, say: Say): Promise<void> {
  for (let index = 0; index < kills; index++) {
    const point = KILL_POINTS[index % KILL_POINTS.length] ?? 'intent-committed';
    const nth = 1 + (Math.floor(index / KILL_POINTS.length) % 3);
    const how = await lifeOf(startWorker({ ...settings, kill: { point, nth } }));
    tally.check(how === 'SIGKILL', `kill ${index + 1} at ${point} did not happen: ${how}`);
    say(`kill ${index + 1} of ${kills} at ${point}, passing ${nth}`);
  }
  tally.count('Workers killed', kills);
}

function startWorker(settings: KillSettings): ChildProcess {
  const worker = fork(WORKER, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
  worker.send(settings);
  return worker;
}

/** How a Worker ended; one that nothing kills is ended after a while. */
async function lifeOf(worker: ChildProcess): Promise<string> {
  const timer = setTimeout(() => worker.kill('SIGTERM'), PATIENCE_MS);
  const [code, signal] = (await once(worker, 'exit')) as [number | null, string | null];
  clearTimeout(timer);
  return signal ?? `it ended with code ${code}`;
}

/** The last Worker lives: it takes up whatever the dead ones left. */
async function finish({ settings }: Scene, jobs: readonly Job[], tally: Tally): Promise<void> {
  const worker = startWorker(settings);
  const outcomes = await Promise.all(jobs.map((job) => job.result() as Promise<readonly string[]>));
  worker.kill('SIGKILL');
  const told = outcomes.flat();
  tally.count('calls whose job was told done', told.filter((outcome) => outcome === 'done').length);
  tally.count('calls whose job was told in doubt', told.filter((outcome) => outcome === 'IN_DOUBT').length);
  tally.check(
    told.every((outcome) => ['done', 'IN_DOUBT'].includes(outcome)),
    `jobs were told something else: ${[...new Set(told)].join(', ')}`,
  );
}

async function judge({ ledger, world, unannounced }: Scene, sends: number, tally: Tally): Promise<void> {
  const steps = await ledger.run((db) => db.selectFrom('step').selectAll().execute());
  const doubtful = new Set((await ledger.run((db) => listInDoubt(db, Date.now()))).map((step) => step.effect_key));
  tally.check(steps.length === sends, `${steps.length} steps instead of ${sends}`);
  const seen = (key: string) => world.arrivals.filter((arrival) => arrival.key === key).length;
  for (const { effect_key: key, action } of steps) {
    const once = seen(key) === 1;
    const holds = action === 'world.post' ? once && !doubtful.has(key) : once || (doubtful.has(key) && seen(key) === 0);
    tally.check(holds, `${action} ${key} arrived ${seen(key)} times${doubtful.has(key) ? ' and is in doubt' : ''}`);
  }
  const known = new Set(steps.map((step) => step.effect_key));
  const keys = new Set(world.arrivals.map(({ key }) => key));
  tally.check(
    [...keys].every((key) => known.has(key)),
    'something arrived that the ledger does not know',
  );
  tally.check(unannounced.length === 0, `${unannounced.length} arrivals without a prior intent`);
  tally.count('messages', sends);
  tally.count('arrived exactly once', [...keys].filter((key) => seen(key) === 1).length);
  tally.count('arrived twice', [...keys].filter((key) => seen(key) > 1).length);
  tally.count('arrived without a prior intent', unannounced.length);
  tally.count('listed in doubt', doubtful.size);
  tally.count('in doubt though it did arrive', [...doubtful].filter((key) => seen(key) === 1).length);
  await judgeChains(ledger, tally);
}

async function judgeChains(ledger: Ledger, tally: Tally): Promise<void> {
  const chains = await chainIds(ledger);
  for (const chain of chains) tally.check((await verifyStored(ledger, chain)).ok, `chain ${chain} does not verify`);
  tally.count('audit chains verified', chains.length);
}

if (import.meta.main) {
  const startedAt = Date.now();
  const tally = await withServers((servers) => proveKills(servers, { sends: 100, kills: 20 }, console.log));
  const claim =
    'A Worker killed by `kill -9` at each labelled point between intent and outcome loses nothing and repeats nothing: every message arrives exactly once or its step is listed in doubt, never twice, never without a prior intent.';
  await report({ name: 'kills', claim }, tally, startedAt);
}
