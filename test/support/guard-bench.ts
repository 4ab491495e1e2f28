import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncLocalStorage, Context } from '@temporalio/activity';
import type { Info } from '@temporalio/activity';
import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { activitiesOf } from '../../src/activities/control.ts';
import { guard } from '../../src/activities/guard.ts';
import type { GuardPort } from '../../src/activities/guard-port.ts';
import type { RunHistory, StartEvent } from '../../src/activities/history.ts';
import { CredentialBroker } from '../../src/identity/credential.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { openGuardPort } from '../../src/plugin.ts';
import { GATE_HEADER } from '../../src/workflows/messages.ts';
import { freshDatabase } from './database.ts';
import { CHARTER, deskActions, HOUSE } from './desk.ts';
import type { Sink } from './desk.ts';

/** One Activity as a Worker would hand it to the guard; every id is one the server would have given. */
export interface Task {
  readonly action: string;
  readonly input: unknown;
  readonly job?: string;
  readonly run?: string;
  readonly originalRun?: string;
  readonly activityId?: string;
  /** The run before it in its chain. */
  readonly before?: { readonly run: string; readonly originalRun?: string };
  /** Whether it is there because the run before failed. */
  readonly isRetry?: boolean;
  readonly isLocal?: boolean;
  /** Whether the Workflow had the gate; it has unless said. */
  readonly gate?: boolean;
  /** Whether it belongs to no Workflow at all. */
  readonly standalone?: true;
}

/** What the guard answered: `done`, or the failure's type and its code. */
export interface Answer {
  readonly outcome: string;
  readonly code?: string | undefined;
  readonly requestId?: string | undefined;
  readonly result?: unknown;
}

/** The real guard on a real ledger, without Temporal: each control is tried by itself, and fast. */
export interface Bench {
  readonly port: GuardPort;
  readonly ledger: Ledger;
  readonly sink: Sink;
  /** Added to the ledger's clock, milliseconds. */
  readonly clock: { ahead: number };
  readonly databaseUrl: string;
  readonly act: (task: Task) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

export interface BenchOptions {
  readonly charter?: string;
  readonly house?: string;
  readonly reached?: (bench: { clock: { ahead: number } }) => GuardPort['reached'];
}

export async function openGuardBench({ charter = CHARTER, house = HOUSE, reached }: BenchOptions = {}): Promise<Bench> {
  const database = await freshDatabase();
  const dir = await mkdtemp(join(tmpdir(), 'remit-bench-'));
  await writeFile(join(dir, 'desk.charter.yaml'), charter);
  await writeFile(join(dir, 'house-rules.yaml'), house);
  const clock = { ahead: 0 };
  const sink: Sink = { sent: [], before: () => undefined };
  const ledger = await Ledger.open(database.url, { now: () => Date.now() + clock.ahead });
  const starts = new Map<string, StartEvent>();
  const opened = await openGuardPort({
    ledger,
    client: {} as Client,
    credentials: await CredentialBroker.open(join(dir, 'key.json')),
    actions: deskActions(sink),
    facts: [{ name: 'unlucky', type: 'flag', origin: 'records', resolve: async () => false }],
    chartersDir: dir,
    houseRulesFile: join(dir, 'house-rules.yaml'),
    bindings: { plainWorkflow: ['desk-work'] },
    log: { info: () => undefined, warn: () => undefined },
    leaseMarginMs: 0,
    ...(reached === undefined ? {} : { reached: reached({ clock }) }),
  });
  const port: GuardPort = { ...opened, history: historyOf(starts) };
  const close = async () => {
    await ledger.close();
    await database.drop();
    await rm(dir, { recursive: true, force: true });
  };
  return { port, ledger, sink, clock, databaseUrl: database.url, act: (task) => act(port, starts, task), close };
}

/** Temporal's own record of how each run began; no Signal was ever sent. */
function historyOf(starts: ReadonlyMap<string, StartEvent>): RunHistory {
  const startEvent = async (_workflowId: string, runId: string) => starts.get(runId);
  return { startEvent, signals: async () => [] } as unknown as RunHistory;
}

export const friendOf = (job: string): string => `${job}@friend.example`;

async function act(port: GuardPort, starts: Map<string, StartEvent>, task: Task): Promise<Answer> {
  const { action, input, job = 'job', run = `${job}-run`, originalRun = run, activityId = '1', gate = true } = task;
  const start = {
    workflowId: job,
    runId: run,
    firstRunId: run,
    originalRunId: originalRun,
    workflowType: 'plainWorkflow',
    identity: 'test',
    principal: undefined,
    isChild: false,
    continuedRunId: task.before?.run,
    isRetry: task.isRetry ?? false,
  };
  const args = [{ friend: friendOf(job) }];
  const { before } = task;
  const first = starts.get(originalRun)?.firstRunId ?? starts.get(before?.run ?? '')?.firstRunId ?? before?.run ?? run;
  if (before !== undefined && !starts.has(before.run))
    starts.set(before.run, {
      ...start,
      runId: before.run,
      originalRunId: before.originalRun ?? before.run,
      firstRunId: first,
      continuedRunId: undefined,
      isRetry: false,
      args,
    });
  starts.set(run, { ...start, firstRunId: first, args });
  const info = {
    activityType: action,
    activityId,
    attempt: 1,
    isLocal: task.isLocal ?? false,
    ...(task.standalone ? {} : { workflowExecution: { workflowId: job, runId: run } }),
    startToCloseTimeoutMs: 30_000,
    scheduleToCloseTimeoutMs: 0,
  } as unknown as Info;
  const context = Object.assign(Object.create(Context.prototype) as Context, {
    info,
    cancellationSignal: new AbortController().signal,
  });
  const headers = gate ? { [GATE_HEADER]: defaultPayloadConverter.toPayload(1) } : {};
  const { inbound } = guard(port)(context);
  const activities = activitiesOf(port, []) as Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;
  const next = async ({ args }: { args: unknown[] }) => (activities[action] ?? activities.default)?.(...args);
  return asyncLocalStorage.run(context, async () => {
    try {
      return { outcome: 'done', result: await inbound?.execute?.({ args: [input], headers }, next) };
    } catch (error) {
      return answerIn(error);
    }
  });
}

function answerIn(error: unknown): Answer {
  if (!(error instanceof ApplicationFailure)) throw error;
  const detail = (error.details?.[0] ?? {}) as { code?: string; requestId?: string };
  return { outcome: error.type ?? 'failed', code: detail.code, requestId: detail.requestId };
}
