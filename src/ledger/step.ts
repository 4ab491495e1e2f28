import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import { sha256 } from '../audit/canonical.ts';
import type { Past } from '../policy/request.ts';
import type { ApprovalRow } from './approval.ts';
import type { DraftRow } from './draft.ts';
import type { Reserved } from './limit.ts';
import type { LedgerReader, LedgerTransaction } from './ledger.ts';
import type { LedgerSchema, StepState } from './schema.ts';
import { revocationOf } from './revocation.ts';
import type { Revocation } from '../policy/revocation.ts';

export type StepRow = Selectable<LedgerSchema['step']>;

/** Everything a decision reads, as it stood once its locks were held. */
export interface OpenedStep {
  readonly past: Past;
  readonly jobEnded: boolean;
  /** The revision in force for the charter, or null when none is. */
  readonly revision: string | null;
  /** The run is a reset that no operator has admitted. */
  readonly resetOpen: boolean;
  readonly limits: Readonly<Record<string, number>>;
  readonly revocations: readonly Revocation[];
  readonly step: StepRow | null;
  /** What already happened at this step under the same digest after a step conflict was approved. */
  readonly conflict: StepRow | null;
  readonly request: ApprovalRow | null;
  readonly draft: DraftRow | null;
}

export interface StepQuestion {
  readonly jobId: string;
  readonly runId: string;
  readonly step: string;
  readonly digest: string;
  readonly charter: string;
  /** Limit ids with their buckets, in the one order every transaction locks them. */
  readonly limits: readonly { readonly limitId: string; readonly bucket: string }[];
  /** Whether the policy looks at the records this job has read. */
  readonly records: boolean;
}

/** Takes the locks, then reads. @see `remit.open_step` in the migration */
export async function openStep(trx: LedgerTransaction, question: StepQuestion): Promise<OpenedStep> {
  const { jobId, runId, step, digest, charter, limits, records } = question;
  const { rows } = await sql<{ open_step: RawOpenStep }>`select remit.open_step(${jobId}, ${runId}, ${step}, ${digest}, ${charter},
    ${limits.map((each) => each.limitId)}::text[], ${limits.map((each) => each.bucket)}::text[], ${records})`.execute(trx);
  const raw = rows[0]?.open_step;
  if (raw === undefined) throw new Error('remit.open_step returned nothing');
  const { labels, counts, endedAt, revocations, resetOpen, records: read, ...rest } = raw;
  return {
    ...rest,
    past: { labels, counts, records: read },
    jobEnded: endedAt !== null,
    resetOpen: resetOpen ?? true,
    revocations: revocations.map(revocationOf),
  };
}

interface RawOpenStep extends Omit<OpenedStep, 'past' | 'jobEnded' | 'resetOpen' | 'revocations'> {
  readonly labels: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  readonly records: readonly string[];
  readonly endedAt: number | null;
  readonly resetOpen: boolean | null;
  readonly revocations: readonly Selectable<LedgerSchema['revocation']>[];
}

/** The same for every attempt at one step of one job: 32 lower-case hex characters. */
export function effectKeyOf(jobId: string, step: string): string {
  return sha256(jobId, '\0', step).toString('hex').slice(0, 32);
}

export interface Intent {
  readonly jobId: string;
  readonly step: string;
  readonly action: string;
  readonly digest: string;
  readonly attempt: number;
  readonly effectKey: string;
  readonly approvalId: string | null;
  readonly payloadId: string;
  readonly reserved: readonly Reserved[];
  readonly deadlineAt: number;
}

/** Writes what is about to be attempted: a lease with a deadline. */
export async function intend(trx: LedgerTransaction, intent: Intent, at: number): Promise<void> {
  const row = {
    action: intent.action,
    digest: intent.digest,
    state: 'intended' as const,
    attempt: intent.attempt,
    effect_key: intent.effectKey,
    approval_id: intent.approvalId,
    payload_id: intent.payloadId,
    result_id: null,
    says: null,
    reservations: JSON.stringify(intent.reserved),
    deadline_at: intent.deadlineAt,
    intended_at: at,
    settled_at: null,
  };
  await trx
    .insertInto('step')
    .values({ job_id: intent.jobId, step: intent.step, ...row })
    .onConflict((conflict) => conflict.columns(['job_id', 'step']).doUpdateSet(row))
    .execute();
}

export interface Settlement {
  readonly state: Exclude<StepState, 'intended'>;
  readonly says: string;
  readonly resultId: string | null;
}

/**
 * Writes what became of one attempt.
 *
 * @returns the row, or `undefined` when another attempt has taken over or it was settled already
 */
export async function settle(trx: LedgerTransaction, intent: Pick<Intent, 'jobId' | 'step' | 'attempt'>, { state, says, resultId }: Settlement, at: number): Promise<StepRow | undefined> {
  return trx
    .updateTable('step')
    .set({ state, says, result_id: resultId, settled_at: at })
    .where('job_id', '=', intent.jobId)
    .where('step', '=', intent.step)
    .where('attempt', '=', intent.attempt)
    .where('state', 'in', ['intended', 'in-doubt'])
    .returningAll()
    .executeTakeFirst();
}

/** Effects whose outcome nobody knows, oldest first: those in doubt, and leases long past their deadline. */
export async function listInDoubt(db: LedgerReader, overdueBefore: number): Promise<readonly (StepRow & { workflow_id: string })[]> {
  return db
    .selectFrom('step')
    .innerJoin('job', 'job.job_id', 'step.job_id')
    .selectAll('step')
    .select('job.workflow_id')
    .where((eb) => eb.or([eb('state', '=', 'in-doubt'), eb.and([eb('state', '=', 'intended'), eb('deadline_at', '<', overdueBefore)])]))
    .orderBy('deadline_at')
    .limit(1_000)
    .execute();
}
