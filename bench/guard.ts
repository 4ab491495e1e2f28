import { writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { z } from 'zod';
import { defineAction } from '../src/activities/action.ts';
import { CredentialBroker } from '../src/identity/credential.ts';
import { Ledger } from '../src/ledger/ledger.ts';
import { BUNDLE, openGuardPort, RemitPlugin } from '../src/plugin.ts';
import { startPostgres } from '../src/stack/postgres.ts';
import { startTemporalServer } from '../src/stack/temporal-server.ts';

/**
 * A permitted action against the same bare Activity, side by side in one run: `npm run bench:guard`.
 * Both Workers run in this process, on one dev server; rounds alternate; a ratio is the median of the
 * rounds' own ratios.
 */
const STEPS = 30;
const ROUNDS = 5;
const JOBS_AT_ONCE = 20;
const BUSY_STEPS = 30;

const CHARTER = `
charter: bench-writes
agent: bench-agent
owner: Bench
purpose: Write lines as fast as it may
level: high-impact
case: { steps: number }
permits: [{ id: write-lines, verb: write, record: bench.line }]
`;
const HOUSE = 'house: bench-house\nprofile: development\n';

const write = defineAction({
  name: 'bench.write',
  verb: 'write',
  record: 'bench.line',
  says: 'Write a line',
  input: z.strictObject({ id: z.string() }),
  attributes: { id: { type: 'text', of: ({ id }) => id } },
  sentence: ({ id }) => `Write line ${id}`,
  inDoubt: 'resend',
  run: async ({ id }) => ({ id }),
});

interface Figures {
  /** Milliseconds a step, one job at a time. */
  readonly serialMs: number[];
  /** Steps a second, many jobs at once. */
  readonly perSecond: number[];
  historyBytes: number;
}

const BOUNDS =
  'Wanted: at most 1.10 of the time serial, at least 0.90 of the throughput, at most 1.3 of the history bytes.';

let started = 0;
Runtime.install({ logger: new DefaultLogger('ERROR') });
const folder = await mkdtemp(join(tmpdir(), 'remit-bench-'));
const postgres = await startPostgres({ dataDir: join(folder, 'postgres') });
const temporal = await startTemporalServer({
  cliPath: process.env.REMIT_TEMPORAL_CLI ?? 'temporal',
  logFile: join(folder, 'temporal.log'),
  dbFile: join(folder, 'temporal.db'),
});
try {
  await bench();
} finally {
  await temporal.stop();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}

async function bench(): Promise<void> {
  await writeFile(join(folder, 'bench.charter.yaml'), CHARTER);
  await writeFile(join(folder, 'house-rules.yaml'), HOUSE);
  const client = new Client({ connection: await Connection.connect({ address: temporal.address }) });
  const workers = await openWorkers(client);
  const running = workers.map((worker) => worker.run());
  const bare: Figures = { serialMs: [], perSecond: [], historyBytes: 0 };
  const guarded: Figures = { serialMs: [], perSecond: [], historyBytes: 0 };
  const pair = [
    ['bareJob', bare],
    ['guardedJob', guarded],
  ] as const;
  for (let round = 0; round <= ROUNDS; round++)
    for (const [type, figures] of round % 2 === 0 ? pair : pair.toReversed())
      await measure(client, type, figures, round === 0);
  report(bare, guarded);
  for (const worker of workers) worker.shutdown();
  await Promise.all(running);
}

async function openWorkers(client: Client): Promise<readonly Worker[]> {
  const connection = await NativeConnection.connect({ address: temporal.address });
  const workflowsPath = join(import.meta.dirname, 'workflows.ts');
  const plain = await bundleWorkflowCode({ workflowsPath });
  const gated = await bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: [...BUNDLE.workflowInterceptorModules],
  });
  const port = await openGuardPort({
    ledger: await Ledger.open(postgres.url),
    client,
    credentials: await CredentialBroker.open(join(folder, 'key.json')),
    actions: [write],
    facts: [],
    chartersDir: folder,
    houseRulesFile: join(folder, 'house-rules.yaml'),
    bindings: { guardedJob: ['bench-writes'] },
    log: { info: () => undefined, warn: () => undefined },
  });
  return [
    await Worker.create({
      connection,
      taskQueue: 'bareJob',
      workflowBundle: plain,
      activities: { bare: async (input: object) => input },
    }),
    await Worker.create({
      connection,
      taskQueue: 'guardedJob',
      workflowBundle: gated,
      plugins: [new RemitPlugin(port, [])],
    }),
  ];
}

async function measure(client: Client, type: string, figures: Figures, warmUp: boolean): Promise<void> {
  const serial = await timed(() => run(client, type, STEPS));
  const busy = await timed(() =>
    Promise.all(Array.from({ length: JOBS_AT_ONCE }, () => run(client, type, BUSY_STEPS))),
  );
  if (warmUp) return;
  figures.serialMs.push(serial / STEPS);
  figures.perSecond.push((JOBS_AT_ONCE * BUSY_STEPS * 1000) / busy);
  figures.historyBytes = await historyBytes(client, type);
}

async function run(client: Client, type: string, steps: number): Promise<void> {
  await client.workflow.execute(type, { taskQueue: type, workflowId: `${type}-${started++}`, args: [{ steps }] });
}

async function historyBytes(client: Client, type: string): Promise<number> {
  const workflowId = `${type}-size-${started++}`;
  const handle = await client.workflow.start(type, { taskQueue: type, workflowId, args: [{ steps: STEPS }] });
  await handle.result();
  return Number((await handle.describe()).historySize);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** The median of the rounds' own ratios: what drifts from round to round drifts out. */
function ratio(over: readonly number[], under: readonly number[]): number {
  return median(over.map((value, round) => value / (under[round] ?? Number.NaN)));
}

function report(bare: Figures, guarded: Figures): void {
  const lines = [
    `${ROUNDS} rounds on ${cpus().length} cores: ${STEPS} steps serial, ${JOBS_AT_ONCE} jobs at once with ${BUSY_STEPS} steps each`,
    `bare    ${median(bare.serialMs).toFixed(2)} ms a step, ${median(bare.perSecond).toFixed(1)} steps/s, ${bare.historyBytes} bytes of history`,
    `guarded ${median(guarded.serialMs).toFixed(2)} ms a step, ${median(guarded.perSecond).toFixed(1)} steps/s, ${guarded.historyBytes} bytes of history`,
    `ratio guard-serial-time ${ratio(guarded.serialMs, bare.serialMs).toFixed(3)}`,
    `ratio guard-throughput ${ratio(guarded.perSecond, bare.perSecond).toFixed(3)}`,
    `ratio guard-history-bytes ${(guarded.historyBytes / bare.historyBytes).toFixed(3)}`,
  ];
  console.log(lines.join('\n'));
  const date = new Date().toISOString().slice(0, 10);
  const text = [
    '# A guarded action against a bare Activity',
    '',
    `Date: ${date}. Command: \`npm run bench:guard\`.`,
    '',
    BOUNDS,
    '',
    '```text',
    ...lines,
    '```',
    '',
  ];
  writeFileSync(join(import.meta.dirname, '../docs/proof/guard.md'), text.join('\n'));
}
