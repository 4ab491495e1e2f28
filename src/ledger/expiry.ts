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

/**
 * Deadlines stand still while a job is paused: what passed since the last sweep, whoever made it, is added to those of
 * the paused jobs. Time in which nobody swept counts too.
 *
 * @returns when the last sweep was, epoch milliseconds
 */
export async function putOffPaused(ledger: Ledger, workflowIds: readonly string[]): Promise<number> {
  const now = ledger.now();
  return ledger.transaction(async (trx) => {
    await trx
      .insertInto('sweep')
      .values({ sweep_row: true, swept_at: now })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const { swept_at: since } = await trx.selectFrom('sweep').select('swept_at').forUpdate().executeTakeFirstOrThrow();
    if (now <= since) return since;
    await trx.updateTable('sweep').set({ swept_at: now }).execute();
    if (workflowIds.length === 0) return since;
    await trx
      .updateTable('approval_request')
      .set((eb) => ({ expires_at: eb('expires_at', '+', now - since) }))
      .where('state', 'in', ['open', 'approved'])
      .where('workflow_id', 'in', workflowIds)
      .execute();
    return since;
  });
}
