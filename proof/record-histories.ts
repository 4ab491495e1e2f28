// Records real histories of jobs for `test/replay`: run it by hand when the Workflow code changes on purpose.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { PendingApproval } from '../src/workflows/messages.ts';
import { openDesk } from '../test/support/desk.ts';
import type { Desk } from '../test/support/desk.ts';
import { freshDatabase } from '../test/support/database.ts';
import { temporalCli } from '../test/support/stack.ts';
import { until } from '../test/support/until.ts';
import { withServers } from './servers.ts';

const HISTORIES = join(import.meta.dirname, '../test/replay/histories');
/** Far below the usual 4,096, so that a short job continues as new. */
const SUGGEST_AT_EVENTS = 100;

type Signals = (handle: WorkflowHandle) => Promise<void>;

interface Story {
  readonly name: string;
  readonly turns: (friend: string) => readonly (readonly unknown[])[];
  readonly people?: Signals;
}

const send = (to: string, text: string) => ({ action: 'desk.send', input: { to, text } });
const read = (id: number) => ({ action: 'desk.readNote', input: { id: String(id) } });

const STORIES: readonly Story[] = [
  { name: 'permitted', turns: (friend) => [[read(1)], [send(friend, 'hello')]] },
  { name: 'denied', turns: (friend) => [[send('stranger@else.example', 'hello')], [send(friend, 'hello')]] },
  { name: 'approved', turns: (friend) => [[send(friend, 'one two three')]], people: decides('approve') },
  { name: 'refused', turns: (friend) => [[send(friend, 'one two three')]], people: decides('refuse') },
  {
    name: 'capped-while-waiting',
    turns: (friend) => [[send(friend, 'one two three')], [send(friend, 'short')]],
    people: async (handle) => {
      await waits(handle, 1);
      await handle.signal('revoke');
    },
  },
  {
    name: 'parallel-out-of-order',
    turns: (friend) => [['first of all', 'second of all', 'third of all'].map((text) => send(friend, text))],
    people: async (handle) => {
      const asked = await waits(handle, 3);
      for (const [word, index] of [
        ['approve', 2],
        ['refuse', 0],
        ['approve', 1],
      ] as const)
        await handle.signal(word, { requestId: asked[index]?.requestId });
    },
  },
  {
    name: 'continued-as-new',
    turns: (friend) => [...Array.from({ length: 9 }, (_, index) => [read(index)]), [send(friend, 'one two three')]],
    people: decides('approve'),
  },
];

function decides(word: 'approve' | 'refuse'): Signals {
  return async (handle) => {
    const [asked] = await waits(handle, 1);
    await handle.signal(word, { requestId: asked?.requestId });
  };
}

async function waits(handle: WorkflowHandle, count: number): Promise<readonly PendingApproval[]> {
  return until(async () => {
    const asked = await handle.query<readonly PendingApproval[]>('pendingApprovals');
    return asked.length === count ? asked : undefined;
  }, 30_000);
}

/** Plays one story and keeps the history of every run of its chain. */
async function record({ job, remit: { client } }: Desk, { name, turns, people }: Story): Promise<readonly string[]> {
  const started = await job(turns(`${name}@friend.example`), name);
  const person = new Client({ connection: client.connection, identity: 'a person' });
  await people?.(person.workflow.getHandle(name));
  await started.result();
  const kept: string[] = [];
  let runId: string | undefined = started.firstExecutionRunId;
  for (let link = 0; runId !== undefined; link++) {
    const history = await client.workflow.getHandle(name, runId).fetchHistory();
    const file = link === 0 ? name : `${name}-${link + 1}`;
    await writeFile(join(HISTORIES, `${file}.json`), `${JSON.stringify(neutral(plain(history)), null, 1)}\n`);
    kept.push(file);
    const last = history.events?.at(-1);
    runId = last?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
  }
  return kept;
}

/** As protobuf's own plain objects, which `History.fromObject` reads. */
function plain(history: proto.temporal.api.history.v1.IHistory): unknown {
  const { History } = proto.temporal.api.history.v1;
  return History.toObject(History.fromObject(history), { enums: String, longs: String, bytes: String });
}

/** Replay reads neither who wrote an event nor where code failed, and both name a machine. */
function neutral(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(neutral);
  if (typeof value === 'string') return value.replace(/^\d+@.*/, 'recorded'); // a sticky queue is named after its process
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => {
    if (key === 'stackTrace') return [key, ''] as const;
    return [key, neutral(item)] as const;
  });
  return Object.fromEntries(entries);
}

/** The CLI as found, told to suggest continue-as-new early. */
async function hurriedCli(folder: string): Promise<string> {
  const path = join(folder, 'temporal');
  const setting = `--dynamic-config-value limit.historyCount.suggestContinueAsNew=${SUGGEST_AT_EVENTS}`;
  await writeFile(
    path,
    `#!/bin/sh\n[ "$1" = server ] && exec '${temporalCli()}' "$@" ${setting}\nexec '${temporalCli()}' "$@"\n`,
  );
  await chmod(path, 0o755);
  return path;
}

const folder = await mkdtemp(join(tmpdir(), 'remit-histories-'));
process.env.REMIT_TEMPORAL_CLI = await hurriedCli(folder);
await mkdir(HISTORIES, { recursive: true });
await withServers(async (servers) => {
  const database = await freshDatabase(servers.databaseUrl);
  const desk = await openDesk({ ...servers, databaseUrl: database.url });
  for (const story of STORIES) console.log(`kept ${(await record(desk, story)).join(', ')}`);
  await desk.close();
  await database.drop();
});
await rm(folder, { recursive: true, force: true });
