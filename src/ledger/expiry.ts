import { audit, lockRequest } from './approval.ts';
import { holdDraft } from './draft.ts';
import type { Ledger, LedgerTransaction } from './ledger.ts';
import { ring } from './outbox.ts';

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
