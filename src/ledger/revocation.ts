import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import type { By } from '../audit/entry.ts';
import { capLevel } from '../policy/level.ts';
import { AssuranceSchema } from '../policy/statement.ts';
import type { Assurance } from '../policy/statement.ts';
import { revocationInWords, RevocationSchema } from '../policy/revocation.ts';
import type { Revocation } from '../policy/revocation.ts';
import { AuditNotes, CONTROL_CHAIN } from './audit-log.ts';
import { newId } from './id.ts';
import { REVOCATION_LOCK } from './ledger.ts';
import type { Ledger, LedgerReader, LedgerTransaction } from './ledger.ts';
import type { LedgerSchema } from './schema.ts';

type RevocationRow = Selectable<LedgerSchema['revocation']>;

export interface Revoke extends Omit<Revocation, 'revocationId' | 'at' | 'author'> {
  readonly by: By;
  /** Given by a door that may ask twice for the same thing; else a new one is made. */
  readonly revocationId?: string;
  /** When the Signal that asked for it reached the server; the receipt shows the lag. */
  readonly signalledAt?: number;
}

/** What a revocation took hold of. */
export interface Receipt {
  readonly revocationId: string;
  /** Epoch milliseconds; no intent commits after it. */
  readonly at: number;
  /** Effects begun before it, each over by its deadline. */
  readonly stillFinishing: readonly {
    readonly workflowId: string;
    readonly action: string;
    readonly deadlineAt: number;
  }[];
}

/**
 * Commits a narrowing. Once it returns, no new intent it covers can commit.
 *
 * INVARIANT: the exclusive lock comes first in the transaction; every decision takes its shared side first.
 */
export async function revoke(ledger: Ledger, order: Revoke): Promise<Receipt> {
  const at = ledger.now();
  return ledger.transaction(async (trx) => {
    await sql`select pg_advisory_xact_lock(${REVOCATION_LOCK})`.execute(trx);
    const revocationId = order.revocationId ?? newId('rev');
    const row = rowOf(order, revocationId, at);
    const made = await trx
      .insertInto('revocation')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (made.numInsertedOrUpdatedRows !== 1n) return { revocationId, at, stillFinishing: [] };
    await writeAudit(trx, 'revoked', `${revocationId}: ${revocationInWords(revocationOf(row))}`, order.by, at);
    await ringCovered(trx, order.scope, at);
    return { revocationId, at, stillFinishing: await openIntents(trx, order.scope) };
  });
}

function rowOf(order: Revoke, revocationId: string, at: number): RevocationRow {
  return {
    revocation_id: revocationId,
    kind: order.kind,
    scope_kind: order.scope.kind,
    scope_value: order.scope.kind === 'everything' ? null : order.scope.value,
    level: order.kind === 'cap' ? capLevel(order) : null,
    reads_too: order.readsToo,
    reason: order.reason,
    author: order.by.name,
    assurance: order.by.assurance,
    door: order.by.door,
    at,
    signalled_at: order.signalledAt ?? null,
    restored_at: null,
    restored_by: null,
  };
}

/** Ends one. @returns whether it was live */
export async function restore(ledger: Ledger, revocationId: string, by: By): Promise<boolean> {
  const at = ledger.now();
  return ledger.transaction(async (trx) => {
    await sql`select pg_advisory_xact_lock(${REVOCATION_LOCK})`.execute(trx);
    const row = await trx
      .updateTable('revocation')
      .set({ restored_at: at, restored_by: by.name })
      .where('revocation_id', '=', revocationId)
      .where('restored_at', 'is', null)
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) return false;
    await writeAudit(trx, 'restored', `${revocationId} is over`, by, at);
    await ringCovered(trx, revocationOf(row).scope, at);
    return true;
  });
}

/** Live ones, oldest first. */
export async function liveRevocations(db: LedgerReader): Promise<readonly Revocation[]> {
  const rows = await db.selectFrom('revocation').selectAll().where('restored_at', 'is', null).orderBy('at').execute();
  return rows.map(revocationOf);
}

interface NarrowingOfJob {
  readonly revocationId: string;
  readonly assurance: Assurance;
  /** When it was asked for, epoch milliseconds. */
  readonly since: number;
}

/** What is live on one job by name, and how well whoever revoked it was known: nobody less known ends it by Signal. */
export async function narrowingsOfJob(db: LedgerReader, jobId: string): Promise<readonly NarrowingOfJob[]> {
  const rows = await db
    .selectFrom('revocation')
    .select(['revocation_id', 'assurance', 'at', 'signalled_at'])
    .where('restored_at', 'is', null)
    .where('scope_kind', '=', 'job')
    .where('scope_value', '=', jobId)
    .execute();
  return rows.map((row) => ({
    revocationId: row.revocation_id,
    assurance: AssuranceSchema.parse(row.assurance),
    since: row.signalled_at ?? row.at,
  }));
}

export async function findRevocation(db: LedgerReader, revocationId: string): Promise<Revocation | undefined> {
  const row = await db
    .selectFrom('revocation')
    .selectAll()
    .where('revocation_id', '=', revocationId)
    .executeTakeFirst();
  return row === undefined ? undefined : revocationOf(row);
}

export function revocationOf(row: RevocationRow): Revocation {
  return RevocationSchema.parse({
    revocationId: row.revocation_id,
    kind: row.kind,
    scope: row.scope_kind === 'everything' ? { kind: 'everything' } : { kind: row.scope_kind, value: row.scope_value },
    ...(row.level === null ? {} : { level: row.level }),
    readsToo: row.reads_too,
    reason: row.reason,
    author: row.author,
    at: row.at,
  });
}

async function writeAudit(
  trx: LedgerTransaction,
  what: 'revoked' | 'restored',
  text: string,
  by: By,
  at: number,
): Promise<void> {
  await new AuditNotes(CONTROL_CHAIN, at).add({ kind: 'input', at, what, says: text, by }).write(trx);
}

/** Effects under way in the jobs a revocation covers; one that covers by record or person may list more, never less. */
async function openIntents(trx: LedgerTransaction, scope: Revocation['scope']): Promise<Receipt['stillFinishing']> {
  const open = trx
    .selectFrom('step')
    .innerJoin('job', 'job.job_id', 'step.job_id')
    .select(['job.workflow_id', 'step.action', 'step.deadline_at'])
    .where('step.state', '=', 'intended')
    .orderBy('step.deadline_at')
    .limit(1_000);
  const covered = {
    job: (value: string) => open.where('job.job_id', '=', value),
    agent: (value: string) => open.where('job.agent', '=', value),
    charter: (value: string) => open.where('job.charter', '=', value),
    action: (value: string) => open.where('step.action', '=', value),
  };
  const narrowed = scope.kind in covered && 'value' in scope ? covered[scope.kind as 'job'](scope.value) : open;
  const rows = await narrowed.execute();
  return rows.map((row) => ({ workflowId: row.workflow_id, action: row.action, deadlineAt: row.deadline_at }));
}

/** Wakes the covered jobs that wait for a person, and a job narrowed by name, so that they look again. */
async function ringCovered(trx: LedgerTransaction, scope: Revocation['scope'], at: number): Promise<void> {
  const { kind, value } = scope.kind === 'everything' ? { kind: 'everything', value: null } : scope;
  await sql`insert into remit.outbox (workflow_id, made_at, next_at)
    select workflow_id, ${at}, ${at} from remit.job j where ended_at is null and case ${kind}::text
      when 'job' then job_id = ${value}::text
      else (${kind} <> 'agent' or agent = ${value}) and (${kind} <> 'charter' or charter = ${value})
        and exists (select 1 from remit.approval_request a where a.job_id = j.job_id and a.state in ('open', 'approved')) end`.execute(
    trx,
  );
}
