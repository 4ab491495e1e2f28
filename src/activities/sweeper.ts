import type { Client, WorkflowExecutionDescription, WorkflowExecutionInfo } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { expireDue, putOffPaused } from '../ledger/expiry.ts';
import { endJob } from '../ledger/end-job.ts';
import { findRun } from '../ledger/job.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { delivered, silence, takeDue } from '../ledger/outbox.ts';
import type { Ring } from '../ledger/outbox.ts';
import { LedgerUnavailableError } from '../ledger/unavailable-error.ts';
import { ringSignal } from '../workflows/messages.ts';
import type { DecisionLog } from './guard-port.ts';

const RING_EVERY_MS = 250;
const SWEEP_EVERY_MS = 5_000;
const RINGS_AT_ONCE = 50;

export interface SweeperOptions {
  readonly ledger: Ledger;
  readonly client: Client;
  readonly log: DecisionLog;
}

/**
 * Delivers rings, lets requests expire (never while their job is paused) and ends what ended Workflows leave behind.
 * Several may run at once. It grants nothing: whatever it misses, the guard's own reads and the waits' timers catch.
 */
export class Sweeper {
  readonly #options: SweeperOptions;
  readonly #stopped = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: SweeperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = Promise.all([
      this.#every(RING_EVERY_MS, () => this.deliverRings()),
      this.#every(SWEEP_EVERY_MS, () => this.sweep()),
    ]);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  /** One round of wake-ups. */
  async deliverRings(): Promise<void> {
    const due = await takeDue(this.#options.ledger, RINGS_AT_ONCE);
    await Promise.all(due.map((ring) => this.#deliver(ring)));
  }

  /** One round of everything slower. */
  async sweep(): Promise<void> {
    const { ledger } = this.#options;
    const since = await putOffPaused(ledger, await this.#paused());
    await expireDue(ledger);
    await this.#endClosed(since);
  }

  async #deliver(ring: Ring): Promise<void> {
    const { client, ledger } = this.#options;
    try {
      const handle = client.workflow.getHandle(ring.workflowId);
      await (ring.requestId === null ? handle.signal(ringSignal) : handle.signal(ringSignal, ring.requestId));
      await delivered(ledger, ring);
    } catch (error) {
      // A closed or unknown Workflow hears nothing; any other failure is tried again by redelivery.
      if (error instanceof WorkflowNotFoundError)
        await ledger.transaction((trx) => silence(trx, { workflowId: ring.workflowId }, ledger.now()));
    }
  }

  async #paused(): Promise<readonly string[]> {
    return (await this.#list('ExecutionStatus = "Paused"')).map(({ workflowId }) => workflowId);
  }

  async #endClosed(since: number): Promise<void> {
    // A little overlap: visibility is written after the close.
    const from = new Date(since - 60_000).toISOString();
    const closed = await this.#list(`CloseTime > "${from}" AND ExecutionStatus != "ContinuedAsNew"`);
    for (const info of closed) await this.#end(info);
  }

  async #end({ workflowId, runId }: WorkflowExecutionInfo): Promise<void> {
    const { ledger, client } = this.#options;
    const run = await ledger.run((db) => findRun(db, runId));
    if (run === undefined || run.job.endedAt !== null) return;
    const closed = await client.workflow.getHandle(workflowId, runId).describe();
    const newest = await client.workflow.getHandle(workflowId).describe();
    // A retry or a reset goes on with the same chain.
    const goesOn = newest.closeTime === undefined && firstRunOf(newest) === firstRunOf(closed);
    if (!goesOn) await endJob(ledger, run.job.jobId);
  }

  async #list(query: string): Promise<readonly WorkflowExecutionInfo[]> {
    const found: WorkflowExecutionInfo[] = [];
    for await (const info of this.#options.client.workflow.list({ query })) found.push(info);
    return found;
  }

  async #every(ms: number, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await work().catch((error: unknown) => this.#report(error));
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        signal.addEventListener('abort', () => (clearTimeout(timer), resolve(undefined)), { once: true });
      });
    }
  }

  #report(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#options.log.warn(
      { code: error instanceof LedgerUnavailableError ? error.code : 'SWEEP_FAILED', message },
      'sweep put off',
    );
  }
}

function firstRunOf({ raw }: WorkflowExecutionDescription): string | null | undefined {
  return raw.workflowExecutionInfo?.firstRunId;
}
