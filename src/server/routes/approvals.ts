import { Hono } from 'hono';
import { draftable } from '../../activities/action.ts';
import { readBody } from '../../ledger/audit-log.ts';
import { decide } from '../../ledger/verdict.ts';
import { findRequest, openRequests } from '../../ledger/approval.ts';
import type { ApprovalRow } from '../../ledger/approval.ts';
import { ApiError, notFound } from '../api-error.ts';
import { VerdictRequestSchema } from '../api-types.ts';
import type { ApprovalDetail } from '../api-types.ts';
import { bodyOf, personOf } from '../context.ts';
import type { ApiContext } from '../context.ts';
import type { Remit } from '../remit.ts';
import { approvalView } from '../views.ts';
import { jobNamed } from './jobs.ts';

export function approvalRoutes(context: ApiContext): Hono {
  const { remit } = context;
  const { ledger } = remit;
  return new Hono()
    .get('/', async (c) => {
      const job = c.req.query('job');
      const jobId = job === undefined ? undefined : (await jobNamed(remit, job)).jobId;
      return c.json({ items: (await ledger.run((db) => openRequests(db, jobId))).map(approvalView) });
    })
    .get('/:request', async (c) => c.json(await detail(remit, await requestNamed(remit, c.req.param('request')))))
    .post('/:request/verdict', async (c) => {
      const { as, verdict, note } = await bodyOf(c, VerdictRequestSchema);
      const request = await requestNamed(remit, c.req.param('request'));
      if (verdict === 'kept') requireDraftable(remit, request);
      const recorded = await decide(ledger, {
        requestId: request.request_id,
        verdict,
        note,
        by: personOf(c, context, as),
      });
      if (!recorded.counted) throw new ApiError(409, 'VERDICT_DOES_NOT_COUNT', recorded.why);
      return c.json(approvalView(await requestNamed(remit, request.request_id)));
    });
}

async function requestNamed({ ledger }: Remit, requestId: string): Promise<ApprovalRow> {
  const row = await ledger.run((db) => findRequest(db, requestId));
  if (row === undefined) throw notFound('approval request', requestId);
  return row;
}

function requireDraftable({ port }: Remit, { action: name }: ApprovalRow): void {
  const action = port.registry.actions.get(name);
  if (action === undefined || !draftable(action))
    throw new ApiError(409, 'NOT_DRAFTABLE', `\`${name}\` cannot be kept as a draft; approve or refuse it`);
}

/** What a person sees before deciding: the payload exactly as it would go, and what the job has read. */
async function detail({ ledger }: Remit, row: ApprovalRow): Promise<ApprovalDetail> {
  const payload = await ledger.run((db) => readBody(db, row.payload_id));
  const sources = row.sources as unknown as ApprovalDetail['sources'];
  return { ...approvalView(row), ...(payload === undefined ? {} : { payload }), sources };
}
