import { WorkflowFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import type { Job } from '../ledger/job.ts';
import type { LedgerReader } from '../ledger/ledger.ts';
import type { Remit } from './remit.ts';

/** How a Workflow stands, as far as Temporal still knows. */
export interface Standing {
  /** As Temporal says, such as `RUNNING` or `PAUSED`; `UNKNOWN` when it does not. */
  readonly temporal: string;
  /** Why it failed, or what was said when it was terminated. */
  readonly failure: string | null;
}

export const UNKNOWN: Standing = { temporal: 'UNKNOWN', failure: null };
const WITH_FAILURE = new Set(['FAILED', 'TERMINATED', 'CANCELLED', 'TIMED_OUT']);
const AT_ONCE = 20;
const PATIENCE_MS = 5_000;

/** By job id. A Temporal that does not answer leaves the rest `UNKNOWN`: the ledger's own view is told all the same. */
export async function standingsOf(remit: Remit, jobs: readonly Job[]): Promise<ReadonlyMap<string, Standing>> {
  const earlier = await remit.ledger.run((db) => earlierChains(db, jobs));
  const standings = new Map<string, Standing>();
  const queue = jobs.values();
  const ask = async (): Promise<void> => {
    for (const { jobId, workflowId } of queue)
      standings.set(jobId, await standingOf(remit.client.workflow.getHandle(workflowId, earlier.get(jobId))));
  };
  await remit.client.withDeadline(Date.now() + PATIENCE_MS, () => Promise.all(Array.from({ length: AT_ONCE }, ask)));
  return standings;
}

/** Jobs whose Workflow id was started again since, with the run to ask after; the others are their id's latest run. */
async function earlierChains(db: LedgerReader, jobs: readonly Job[]): Promise<ReadonlyMap<string, string>> {
  if (jobs.length === 0) return new Map();
  const rows = await db
    .selectFrom('job as old')
    .innerJoin('job as new', (join) =>
      join.onRef('new.workflow_id', '=', 'old.workflow_id').onRef('new.admitted_at', '>', 'old.admitted_at'),
    )
    .select(['old.job_id', 'old.first_run_id'])
    .where(
      'old.job_id',
      'in',
      jobs.map(({ jobId }) => jobId),
    )
    .execute();
  return new Map(rows.flatMap(({ job_id, first_run_id }) => (first_run_id === null ? [] : [[job_id, first_run_id]])));
}

async function standingOf(handle: WorkflowHandle): Promise<Standing> {
  try {
    const { name } = (await handle.describe()).status;
    return { temporal: name, failure: WITH_FAILURE.has(name) ? await failureOf(handle) : null };
  } catch {
    return UNKNOWN;
  }
}

async function failureOf(handle: WorkflowHandle): Promise<string | null> {
  return handle.result().then(
    () => null,
    (error: unknown) => (error instanceof WorkflowFailedError ? innermost(error.cause) : null),
  );
}

/** The outer ones only say that an Activity failed. */
function innermost(error: Error | undefined): string | null {
  if (error === undefined) return null;
  return error.cause instanceof Error ? innermost(error.cause) : error.message;
}
