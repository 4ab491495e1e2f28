import type { Selectable } from 'kysely';
import type { AuditEntry, By } from '../audit/entry.ts';
import { AuditNotes } from './audit-log.ts';
import { newId } from './id.ts';
import type { LedgerReader, LedgerTransaction } from './ledger.ts';
import { silence } from './outbox.ts';
import type { LedgerSchema } from './schema.ts';

export type ApprovalRow = Selectable<LedgerSchema['approval_request']>;
export type ApprovalEvent = Extract<AuditEntry, { kind: 'approval-event' }>['event'];

/** What a person is asked, bound to exactly one payload at one step. */
export type Asked = Omit<
  ApprovalRow,
  'request_id' | 'state' | 'asked_at' | 'decided_at' | 'decided_by' | 'note' | 'seen_at' | 'workflow_id' | 'job_id'
>;

/** Opens a request; the guard has locked the job. */
export async function ask(
  trx: LedgerTransaction,
  job: { jobId: string; workflowId: string },
  asked: Asked,
  at: number,
): Promise<ApprovalRow> {
  const row = {
    ...asked,
    gates: JSON.stringify(asked.gates),
    sources: JSON.stringify(asked.sources),
    request_id: newId('apr'),
    job_id: job.jobId,
    workflow_id: job.workflowId,
    state: 'open',
    asked_at: at,
    decided_at: null,
    decided_by: null,
    note: null,
    seen_at: null,
  } as const;
  return trx.insertInto('approval_request').values(row).returningAll().executeTakeFirstOrThrow();
}

/** A request and its job's agent, with the job locked first, as in every decision. */
export async function lockRequest(
  trx: LedgerTransaction,
  requestId: string,
): Promise<{ request: ApprovalRow; agent: string } | undefined> {
  const owner = await trx
    .selectFrom('approval_request')
    .select('job_id')
    .where('request_id', '=', requestId)
    .executeTakeFirst();
  if (owner === undefined) return undefined;
  const job = await trx
    .selectFrom('job')
    .select('agent')
    .where('job_id', '=', owner.job_id)
    .forUpdate()
    .executeTakeFirstOrThrow();
  const request = await trx
    .selectFrom('approval_request')
    .selectAll()
    .where('request_id', '=', requestId)
    .executeTakeFirstOrThrow();
  return { request, agent: job.agent };
}

/** Uses an approval up for one effect, in the transaction that records the intent. */
export async function spend(trx: LedgerTransaction, request: ApprovalRow, at: number): Promise<void> {
  await move(trx, request, 'approved', 'spent', at);
  await audit(trx, request, 'spent', at);
}

/** The effect certainly did not happen: the approval still stands. */
export async function giveBackApproval(trx: LedgerTransaction, requestId: string, at: number): Promise<void> {
  const request = await trx
    .selectFrom('approval_request')
    .selectAll()
    .where('request_id', '=', requestId)
    .executeTakeFirstOrThrow();
  await move(trx, request, 'spent', 'approved', at);
  await audit(trx, request, 'given-back', at);
}

/** What was asked is no longer what would happen, or nobody is there to do it. */
export async function withdraw(
  trx: LedgerTransaction,
  request: ApprovalRow,
  at: number,
  event: 'withdrawn' | 'asked-again' = 'withdrawn',
): Promise<void> {
  await trx
    .updateTable('approval_request')
    .set({ state: 'withdrawn', decided_at: at })
    .where('request_id', '=', request.request_id)
    .execute();
  await silence(trx, { requestId: request.request_id }, at);
  await audit(trx, request, event, at);
}

/** INVARIANT: one approval, one effect; a state that moved meanwhile is an error, never a second spend. */
async function move(
  trx: LedgerTransaction,
  request: ApprovalRow,
  from: 'approved' | 'spent',
  to: 'approved' | 'spent',
  at: number,
): Promise<void> {
  const { numUpdatedRows } = await trx
    .updateTable('approval_request')
    .set({ state: to, seen_at: at })
    .where('request_id', '=', request.request_id)
    .where('state', '=', from)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw new Error(`approval \`${request.request_id}\` is not ${from}`);
  await silence(trx, { requestId: request.request_id }, at);
}

/** The job has acted on the decision: no more rings for it. */
export async function seen(trx: LedgerTransaction, request: ApprovalRow, at: number): Promise<void> {
  if (request.seen_at !== null) return;
  await trx.updateTable('approval_request').set({ seen_at: at }).where('request_id', '=', request.request_id).execute();
  await silence(trx, { requestId: request.request_id }, at);
}

export async function audit(
  trx: LedgerTransaction,
  request: ApprovalRow,
  event: ApprovalEvent,
  at: number,
  by?: By,
  text?: string,
): Promise<void> {
  const notes = new AuditNotes(request.job_id, at);
  const body =
    event === 'asked'
      ? notes.body({ sentence: request.sentence, reason: request.reason })
      : text === undefined
        ? undefined
        : notes.body({ note: text });
  await notes
    .add({
      kind: 'approval-event',
      at,
      step: request.step,
      requestId: request.request_id,
      event,
      ...(by === undefined ? {} : { by }),
      ...(body === undefined ? {} : { body }),
    })
    .write(trx);
}

export async function openRequests(db: LedgerReader, jobId?: string): Promise<readonly ApprovalRow[]> {
  const open = db.selectFrom('approval_request').selectAll().where('state', '=', 'open').orderBy('asked_at');
  return (jobId === undefined ? open : open.where('job_id', '=', jobId)).execute();
}

export async function findRequest(db: LedgerReader, requestId: string): Promise<ApprovalRow | undefined> {
  return db.selectFrom('approval_request').selectAll().where('request_id', '=', requestId).executeTakeFirst();
}
