import { sql } from 'kysely';
import type { RawBuilder, Selectable } from 'kysely';
import { sha256 } from '../audit/canonical.ts';
import type { Past } from '../policy/request.ts';
import type { ApprovalRow } from './approval.ts';
import type { DraftRow } from './draft.ts';
import type { Reserved } from './limit.ts';
import type { LedgerReader, LedgerTransaction } from './ledger.ts';
import { oftener } from './past.ts';
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
  /** The job has a reset run that no operator has admitted. */
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
  const { jobId, step, digest, charter, limits, records } = question;
  const { rows } = await sql<{
    open_step: RawOpenStep;
  }>`select remit.open_step(${jobId}, ${step}, ${digest}, ${charter},
    ${limits.map((each) => each.limitId)}::text[], ${limits.map((each) => each.bucket)}::text[], ${records})`.execute(
    trx,
  );
  const raw = rows[0]?.open_step;
  if (raw === undefined) throw new Error('remit.open_step returned nothing');
  const { labels, counts, endedAt, revocations, records: read, ...rest } = raw;
  return {
    ...rest,
    past: { labels, counts, records: read },
    jobEnded: endedAt !== null,
    revocations: revocations.map(revocationOf),
  };
}

interface RawOpenStep extends Omit<OpenedStep, 'past' | 'jobEnded' | 'revocations'> {
  readonly labels: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  readonly records: readonly string[];
  readonly endedAt: number | null;
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
  /** `verb system.record`, counted in the job's past from now on. */
  readonly count: string;
}

/** What is about to be attempted: a lease with a deadline. Written beside its audit entries. */
export function intending(intent: Intent, at: number): RawBuilder<unknown> {
  const { jobId, step, action, digest, attempt, effectKey, approvalId, payloadId, reserved, deadlineAt, count } =
    intent;
  return sql`beside as (insert into remit.step (job_id, step, action, digest, state, attempt, effect_key, approval_id, payload_id, reservations, deadline_at, intended_at)
    values (${jobId}, ${step}, ${action}, ${digest}, 'intended', ${attempt}, ${effectKey}, ${approvalId}, ${payloadId}, ${JSON.stringify(reserved)}::jsonb, ${deadlineAt}, ${at})
    on conflict (job_id, step) do update set action = excluded.action, digest = excluded.digest, state = excluded.state, attempt = excluded.attempt,
      approval_id = excluded.approval_id, payload_id = excluded.payload_id, reservations = excluded.reservations, deadline_at = excluded.deadline_at,
      intended_at = excluded.intended_at, result_id = null, says = null, settled_at = null
    returning 1),
    counted as (update remit.job set past_counts = ${oftener(count, 1)} where job_id = ${jobId})`;
}

export interface Settlement {
  readonly state: Exclude<StepState, 'intended'>;
  readonly says: string;
  readonly resultId: string | null;
  /** `verb system.record`, taken out of the job's past when the effect certainly did not happen. */
  readonly count: string;
}

/**
 * What became of one attempt; changes no row when another attempt has taken over or it was settled already.
 *
 * INVARIANT: the job's row is locked before its step and its chain, as in every decision.
 */
export function settling(
  { jobId, step, attempt }: Pick<Intent, 'jobId' | 'step' | 'attempt'>,
  settlement: Settlement,
  at: number,
): RawBuilder<unknown> {
  const { state, says, resultId, count } = settlement;
  // Losing it in a crash of the database leaves the effect in doubt, never done twice: no need to wait for the disk.
  const unhurried = state === 'done' ? sql`, set_config('synchronous_commit', 'off', true)` : sql``;
  const settled = sql`(update remit.step set state = ${state}, says = ${says}, result_id = ${resultId}, settled_at = ${at}
      where job_id = (select job_id from locked) and step = ${step} and attempt = ${attempt} and state in ('intended', 'in-doubt') returning 1)`;
  const locked = sql`locked as (select job_id${unhurried} from remit.job where job_id = ${jobId} for update)`;
  if (state !== 'not-done') return sql`${locked}, beside as ${settled}`;
  return sql`${locked}, settled as ${settled},
    beside as (update remit.job set past_counts = ${oftener(count, -1)} where job_id = ${jobId} and exists (select from settled) returning 1)`;
}

/** What one step reserved and whose approval it spent. */
export async function usedBy(
  trx: LedgerTransaction,
  jobId: string,
  step: string,
): Promise<{ readonly reserved: readonly Reserved[]; readonly approvalId: string | null }> {
  const row = await trx
    .selectFrom('step')
    .select(['reservations', 'approval_id'])
    .where('job_id', '=', jobId)
    .where('step', '=', step)
    .executeTakeFirstOrThrow();
  return { reserved: row.reservations as readonly Reserved[], approvalId: row.approval_id };
}

/** Effects whose outcome nobody knows, oldest first: those in doubt, and leases long past their deadline. */
export async function listInDoubt(
  db: LedgerReader,
  overdueBefore: number,
): Promise<readonly (StepRow & { workflow_id: string })[]> {
  return db
    .selectFrom('step')
    .innerJoin('job', 'job.job_id', 'step.job_id')
    .selectAll('step')
    .select('job.workflow_id')
    .where((eb) =>
      eb.or([
        eb('state', '=', 'in-doubt'),
        eb.and([eb('state', '=', 'intended'), eb('deadline_at', '<', overdueBefore)]),
      ]),
    )
    .orderBy('deadline_at')
    .limit(1_000)
    .execute();
}
