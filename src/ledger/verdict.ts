import type { By } from '../audit/entry.ts';
import { assuranceSuffices } from '../policy/statement.ts';
import type { Assurance } from '../policy/statement.ts';
import { audit, lockRequest } from './approval.ts';
import type { ApprovalEvent, ApprovalRow } from './approval.ts';
import { holdDraft } from './draft.ts';
import { newId } from './id.ts';
import type { Ledger, LedgerTransaction } from './ledger.ts';
import { ring } from './outbox.ts';

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

function whyNot(request: ApprovalRow, { by, verdict }: Verdict, agent: string, at: number): string | undefined {
  if (request.state !== 'open') return `the request is ${request.state} already`;
  if (request.expires_at <= at) return 'the request has expired';
  if (by.name === agent) return 'an agent cannot decide its own request';
  // Refusing narrows, so whoever got in may refuse; only letting something happen needs to be sure of the person.
  if (verdict === 'approved' && !assuranceSuffices(by.assurance, request.assurance as Assurance))
    return `the verdict is ${by.assurance}; this class needs ${request.assurance}`;
  return undefined;
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

const EVENT: Readonly<Record<VerdictWord, ApprovalEvent>> = {
  approved: 'approved',
  refused: 'refused',
  kept: 'kept-as-draft',
};

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
