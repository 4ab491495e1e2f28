import type { Selectable } from 'kysely';
import type { AuditEntry, By } from '../audit/entry.ts';
import { ASSURANCES } from '../policy/statement.ts';
import type { Assurance } from '../policy/statement.ts';
import { AuditNotes } from './audit-log.ts';
import { holdDraft } from './draft.ts';
import { newId } from './id.ts';
import type { Ledger, LedgerReader, LedgerTransaction } from './ledger.ts';
import { ring, silence } from './outbox.ts';
import type { LedgerSchema } from './schema.ts';

export type ApprovalRow = Selectable<LedgerSchema['approval_request']>;
type Event = Extract<AuditEntry, { kind: 'approval-event' }>['event'];

/** What a person is asked, bound to exactly one payload at one step. */
export type Asked = Omit<
  ApprovalRow,
  'request_id' | 'state' | 'asked_at' | 'decided_at' | 'decided_by' | 'note' | 'seen_at' | 'workflow_id' | 'job_id'
>;

export type VerdictWord = 'approved' | 'refused' | 'kept';

export interface Verdict {
  readonly requestId: string;
  readonly verdict: VerdictWord;
  readonly by: By;
  /** For the agent and the record. */
  readonly note?: string | undefined;
  /** The only job it may be about, for doors that belong to one. */
  readonly jobId?: string;
}

/** What became of a verdict: whether it counted, and if not, why. */
export type Recorded =
  { readonly counted: true; readonly jobId: string } | { readonly counted: false; readonly why: string };

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

/** Records a verdict. One that falls short, comes late or names nothing is recorded as such and changes nothing. */
export async function decide(ledger: Ledger, verdict: Verdict): Promise<Recorded> {
  const at = ledger.now();
  return ledger.transaction(async (trx) => {
    const found = await lockRequest(trx, verdict.requestId);
    if (found === undefined || (verdict.jobId !== undefined && found.request.job_id !== verdict.jobId))
      return { counted: false, why: `there is no request \`${verdict.requestId}\`` };
    const { request, agent } = found;
    const why = whyNot(request, verdict, agent, at);
    await note(trx, request, verdict, why === undefined, at);
    if (why !== undefined) return { counted: false, why };
    await apply(trx, request, verdict, at);
    return { counted: true, jobId: request.job_id };
  });
}

async function lockRequest(
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

function whyNot(request: ApprovalRow, { by, verdict }: Verdict, agent: string, at: number): string | undefined {
  if (request.state !== 'open') return `the request is ${request.state} already`;
  if (request.expires_at <= at) return 'the request has expired';
  if (by.name === agent) return 'an agent cannot decide its own request';
  // Refusing narrows, so whoever got in may refuse; only letting something happen needs to be sure of the person.
  if (verdict === 'approved' && !assuranceSuffices(by.assurance, request.assurance as Assurance))
    return `the verdict is ${by.assurance}; this class needs ${request.assurance}`;
  return undefined;
}

export function assuranceSuffices(has: Assurance, needs: Assurance): boolean {
  return ASSURANCES.indexOf(has) >= ASSURANCES.indexOf(needs);
}

async function note(
  trx: LedgerTransaction,
  request: ApprovalRow,
  { verdict, by, note: text }: Verdict,
  counted: boolean,
  at: number,
): Promise<void> {
  await trx
    .insertInto('verdict')
    .values({
      verdict_id: newId('ver'),
      request_id: request.request_id,
      verdict,
      reviewer: by.name,
      assurance: by.assurance,
      door: by.door,
      note: text ?? null,
      counted,
      at,
    })
    .execute();
  await audit(trx, request, counted ? EVENT[verdict] : 'fell-short', at, by, text);
}

const EVENT: Readonly<Record<VerdictWord, Event>> = { approved: 'approved', refused: 'refused', kept: 'kept-as-draft' };

async function apply(
  trx: LedgerTransaction,
  request: ApprovalRow,
  { verdict, by, note: text }: Verdict,
  at: number,
): Promise<void> {
  await trx
    .updateTable('approval_request')
    .set({ state: verdict, decided_at: at, decided_by: by.name, note: text ?? null })
    .where('request_id', '=', request.request_id)
    .execute();
  if (verdict === 'kept')
    await holdDraft(trx, request.job_id, { ...request, reason: text ?? 'kept as a draft by a person' }, at);
  await ring(trx, request.workflow_id, request.request_id, at);
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
  event: Event,
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

/** Ends open requests whose time is over: as a draft where that was said and can be, else as a refusal; never as permission. */
export async function expireDue(ledger: Ledger): Promise<number> {
  const at = ledger.now();
  const due = await ledger.run((db) =>
    db
      .selectFrom('approval_request')
      .select('request_id')
      .where('state', '=', 'open')
      .where('expires_at', '<=', at)
      .execute(),
  );
  for (const { request_id } of due) await ledger.transaction((trx) => expire(trx, request_id, at));
  return due.length;
}

async function expire(trx: LedgerTransaction, requestId: string, at: number): Promise<void> {
  const found = await lockRequest(trx, requestId);
  if (found === undefined || found.request.state !== 'open' || found.request.expires_at > at) return;
  const { request } = found;
  const keep = request.at_expiry === 'keep-as-draft';
  await trx
    .updateTable('approval_request')
    .set({ state: keep ? 'kept' : 'expired', decided_at: at })
    .where('request_id', '=', requestId)
    .execute();
  if (keep) await holdDraft(trx, request.job_id, { ...request, reason: 'nobody decided in time' }, at);
  await audit(trx, request, 'expired', at);
  await ring(trx, request.workflow_id, requestId, at);
}

/** Deadlines stand still while a job is paused. */
export async function putOff(ledger: Ledger, workflowIds: readonly string[], byMs: number): Promise<void> {
  if (workflowIds.length === 0) return;
  await ledger.run((db) =>
    db
      .updateTable('approval_request')
      .set((eb) => ({ expires_at: eb('expires_at', '+', byMs) }))
      .where('state', '=', 'open')
      .where('workflow_id', 'in', workflowIds)
      .execute(),
  );
}

/** Nobody is there any more to do what was asked. */
export async function withdrawAll(ledger: Ledger, jobId: string): Promise<void> {
  const at = ledger.now();
  await ledger.transaction(async (trx) => {
    await trx.selectFrom('job').select('job_id').where('job_id', '=', jobId).forUpdate().executeTakeFirst();
    const waiting = await trx
      .selectFrom('approval_request')
      .selectAll()
      .where('job_id', '=', jobId)
      .where('state', 'in', ['open', 'approved'])
      .execute();
    for (const request of waiting) await withdraw(trx, request, at);
  });
}
