import { withdraw } from './approval.ts';
import type { Ledger } from './ledger.ts';
import { silence } from './outbox.ts';

/** The job's Workflow has closed: nothing may be done in its name, and nobody is asked for it any more. */
export async function endJob(ledger: Ledger, jobId: string): Promise<void> {
  const at = ledger.now();
  await ledger.transaction(async (trx) => {
    const running = trx.selectFrom('job').selectAll().where('job_id', '=', jobId).where('ended_at', 'is', null);
    const job = await running.forUpdate().executeTakeFirst();
    if (job === undefined) return;
    await trx.updateTable('job').set({ ended_at: at }).where('job_id', '=', jobId).execute();
    const asked = trx.selectFrom('approval_request').selectAll().where('job_id', '=', jobId);
    for (const request of await asked.where('state', 'in', ['open', 'approved']).execute())
      await withdraw(trx, request, at);
    await silence(trx, { workflowId: job.workflow_id }, at);
  });
}
