import { sql } from 'kysely';
import { digestOf } from '../audit/canonical.ts';
import type { By } from '../audit/entry.ts';
import { assuranceSuffices } from '../policy/statement.ts';
import type { Assurance } from '../policy/statement.ts';
import type { Json } from '../policy/vocabulary.ts';
import { AuditNotes } from './audit-log.ts';
import { newId } from './id.ts';
import type { Ledger, LedgerReader, LedgerTransaction } from './ledger.ts';
import type { Selectable } from 'kysely';
import type { LedgerSchema } from './schema.ts';

/** What binds a job to its charter, case and starter. */
export interface Admission {
  readonly workflowId: string;
  readonly workflowType: string;
  readonly charter: string;
  readonly agent: string;
  readonly brain: string | null;
  readonly case: Readonly<Record<string, Json>>;
  readonly starter: By;
}

export interface Job extends Admission {
  readonly jobId: string;
  readonly admittedAt: number;
  /** Epoch milliseconds, or null while it may still run. */
  readonly endedAt: number | null;
}

/** One run of a job's chain. */
export interface Run {
  readonly runId: string;
  readonly job: Job;
  /** What its steps begin with: shared with every run that may repeat them, so that what was done is found. */
  readonly stepPrefix: string;
  /** Whether it, or a run before it in its chain, came of a reset. */
  readonly reset: boolean;
  readonly resetAdmittedBy: string | null;
}

/** A run as the server's own start events give it. */
export interface RunIds {
  readonly workflowId: string;
  readonly runId: string;
  readonly firstRunId: string;
  readonly stepPrefix: string;
  readonly reset: boolean;
  /** The operator who admitted the reset it goes on from. */
  readonly resetAdmittedBy: string | null;
}

/** Row first, then start: for the CLI and HTTP. @returns the job's id */
export async function admitAhead(ledger: Ledger, admission: Admission): Promise<string> {
  return ledger.transaction(async (trx) => {
    await oneAtATime(trx, admission.workflowId);
    const waiting = await waitingFor(trx, admission.workflowId);
    if (waiting !== undefined) await forget(trx, waiting.jobId, ledger.now()); // an earlier start that never came to be
    return (await insertJob(trx, admission, null, ledger.now())).jobId;
  });
}

/** Two first actions of one Workflow, or two starts of one id, come one after the other. */
async function oneAtATime(trx: LedgerTransaction, workflowId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${workflowId}, 7236002))`.execute(trx);
}

/** The start did not happen: the row must not wait for somebody else's run. */
export async function takeBackAdmission(ledger: Ledger, jobId: string): Promise<void> {
  await ledger.transaction((trx) => forget(trx, jobId, ledger.now()));
}

async function forget(trx: LedgerTransaction, jobId: string, at: number): Promise<void> {
  await trx
    .updateTable('job')
    .set({ first_run_id: `never-started:${jobId}`, ended_at: at })
    .where('job_id', '=', jobId)
    .where('first_run_id', 'is', null)
    .execute();
}

/** The run as the ledger knows it, or `undefined` before its first action. */
export async function findRun(db: LedgerReader, runId: string): Promise<Run | undefined> {
  const row = await db.selectFrom('run').selectAll().where('run_id', '=', runId).executeTakeFirst();
  if (row === undefined) return undefined;
  const job = await db.selectFrom('job').selectAll().where('job_id', '=', row.job_id).executeTakeFirstOrThrow();
  const { step_prefix: stepPrefix, reset, reset_admitted_by: resetAdmittedBy } = row;
  return { runId, job: jobOf(job), stepPrefix, reset, resetAdmittedBy };
}

/** Why a run is bound to no job. */
export type NotBound = 'mismatch' | 'too-unsure';

/**
 * Binds a run to its job: the chain's own row, the row admitted ahead if it says the same as the start event, or a new one.
 *
 * @param admission - read from the server's start event of the chain's first run
 * @param needs - the least assurance of a starter; somebody less known is not admitted
 * @returns the run, `mismatch` when the row admitted ahead names another charter or case, or `too-unsure`
 */
export async function bindRun(
  ledger: Ledger,
  ids: RunIds,
  admission: Admission,
  needs: Assurance,
): Promise<Run | NotBound> {
  const at = ledger.now();
  return ledger.transaction(async (trx) => {
    await oneAtATime(trx, ids.workflowId);
    const known = await findRun(trx, ids.runId);
    if (known !== undefined) return known;
    const job = (await jobOfChain(trx, ids)) ?? (await admit(trx, ids, admission, needs, at));
    if (typeof job === 'string') return job;
    const { runId, stepPrefix, reset, resetAdmittedBy } = ids;
    await trx
      .insertInto('run')
      .values({
        run_id: runId,
        job_id: job.jobId,
        step_prefix: stepPrefix,
        reset,
        reset_admitted_by: resetAdmittedBy,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return { runId, job, stepPrefix, reset, resetAdmittedBy };
  });
}

async function admit(
  trx: LedgerTransaction,
  ids: RunIds,
  admission: Admission,
  needs: Assurance,
  at: number,
): Promise<Job | NotBound> {
  const waiting = await waitingFor(trx, ids.workflowId);
  const sure = assuranceSuffices((waiting ?? admission).starter.assurance, needs);
  if (!sure) return 'too-unsure';
  if (waiting === undefined) return insertJob(trx, admission, ids.firstRunId, at);
  const same =
    waiting.charter === admission.charter &&
    digestOf(waiting.case) === digestOf(admission.case) &&
    waiting.workflowType === admission.workflowType;
  if (!same) return 'mismatch';
  await trx.updateTable('job').set({ first_run_id: ids.firstRunId }).where('job_id', '=', waiting.jobId).execute();
  return waiting;
}

async function insertJob(
  trx: LedgerTransaction,
  admission: Admission,
  firstRunId: string | null,
  at: number,
): Promise<Job> {
  const jobId = newId('job');
  const { workflowId, workflowType, charter, agent, brain, starter } = admission;
  await trx
    .insertInto('job')
    .values({
      job_id: jobId,
      workflow_id: workflowId,
      first_run_id: firstRunId,
      workflow_type: workflowType,
      charter,
      agent,
      brain,
      case_input: JSON.stringify(admission.case),
      case_digest: digestOf(admission.case),
      starter: starter.name,
      assurance: starter.assurance,
      door: starter.door,
      admitted_at: at,
      ended_at: null,
    })
    .execute();
  const notes = new AuditNotes(jobId, at);
  const says = `${workflowId} works charter ${charter} as agent ${agent}`;
  await notes
    .add({ kind: 'input', at, what: 'admitted', says, by: starter, body: notes.body(admission.case) })
    .write(trx);
  return { ...admission, jobId, admittedAt: at, endedAt: null };
}

async function jobOfChain(trx: LedgerTransaction, { workflowId, firstRunId }: RunIds): Promise<Job | undefined> {
  const row = await trx
    .selectFrom('job')
    .selectAll()
    .where('workflow_id', '=', workflowId)
    .where('first_run_id', '=', firstRunId)
    .executeTakeFirst();
  return row === undefined ? undefined : jobOf(row);
}

async function waitingFor(trx: LedgerTransaction, workflowId: string): Promise<Job | undefined> {
  const row = await trx
    .selectFrom('job')
    .selectAll()
    .where('workflow_id', '=', workflowId)
    .where('first_run_id', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? undefined : jobOf(row);
}

/** By job id alone: for ids of ours, never for what somebody typed. */
export async function findJobById(db: LedgerReader, jobId: string): Promise<Job | undefined> {
  const row = await db.selectFrom('job').selectAll().where('job_id', '=', jobId).executeTakeFirst();
  return row === undefined ? undefined : jobOf(row);
}

/** By job id, or else the newest job of a Workflow id: whoever starts a Workflow chooses its id, never a job's. */
export async function findJob(db: LedgerReader, name: string): Promise<Job | undefined> {
  const byId = await findJobById(db, name);
  if (byId !== undefined) return byId;
  const row = await db
    .selectFrom('job')
    .selectAll()
    .where('workflow_id', '=', name)
    .orderBy('admitted_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : jobOf(row);
}

/** Newest first. */
export async function listJobs(
  db: LedgerReader,
  { running, most }: { running: boolean; most: number },
): Promise<readonly Job[]> {
  const all = db.selectFrom('job').selectAll().orderBy('admitted_at', 'desc').limit(most);
  return (await (running ? all.where('ended_at', 'is', null) : all).execute()).map(jobOf);
}

/** Lets a reset run do new things again. @returns how many runs that was */
export async function admitReset(ledger: Ledger, jobId: string, by: By): Promise<number> {
  const at = ledger.now();
  return ledger.transaction(async (trx) => {
    await trx.selectFrom('job').select('job_id').where('job_id', '=', jobId).forUpdate().executeTakeFirst();
    const runs = await trx
      .updateTable('run')
      .set({ reset_admitted_by: by.name })
      .where('job_id', '=', jobId)
      .where('reset', '=', true)
      .where('reset_admitted_by', 'is', null)
      .returning('run_id')
      .execute();
    if (runs.length > 0) await trx.updateTable('job').set({ ended_at: null }).where('job_id', '=', jobId).execute();
    const entries = runs.map(
      ({ run_id }) => ({ kind: 'input', at, what: 'admitted', says: `the reset run ${run_id} may go on`, by }) as const,
    );
    await new AuditNotes(jobId, at).add(...entries).write(trx);
    return runs.length;
  });
}

function jobOf(row: Selectable<LedgerSchema['job']>): Job {
  return {
    jobId: row.job_id,
    workflowId: row.workflow_id,
    workflowType: row.workflow_type,
    charter: row.charter,
    agent: row.agent,
    brain: row.brain,
    case: row.case_input,
    starter: { name: row.starter, assurance: row.assurance as By['assurance'], door: row.door },
    admittedAt: row.admitted_at,
    endedAt: row.ended_at,
  };
}
