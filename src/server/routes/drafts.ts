import { Hono } from 'hono';
import { readBody } from '../../ledger/audit-log.ts';
import { findDraft, listDrafts } from '../../ledger/draft.ts';
import { notFound } from '../api-error.ts';
import { AsRequestSchema } from '../api-types.ts';
import type { DraftDetail } from '../api-types.ts';
import { bodyOf, personOf } from '../context.ts';
import type { ApiContext } from '../context.ts';
import { sendDraft } from '../send-draft.ts';
import { draftView } from '../views.ts';

export function draftRoutes(context: ApiContext): Hono {
  const { ledger } = context.remit;
  return new Hono()
    .get('/', async (c) => {
      const all = c.req.query('all') === 'true';
      return c.json({ items: (await ledger.run((db) => listDrafts(db, { all }))).map(draftView) });
    })
    .get('/:draft', async (c) => {
      const draftId = c.req.param('draft');
      const row = await ledger.run((db) => findDraft(db, draftId));
      if (row === undefined) throw notFound('draft', draftId);
      const payload = await ledger.run((db) => readBody(db, row.payload_id));
      const detail: DraftDetail = { ...draftView(row), ...(payload === undefined ? {} : { payload }) };
      return c.json(detail);
    })
    .post('/:draft/send', async (c) => {
      const { as } = await bodyOf(c, AsRequestSchema);
      const draftId = c.req.param('draft');
      return c.json({ draftId, result: await sendDraft(context.remit, draftId, personOf(c, context, as)) });
    });
}
