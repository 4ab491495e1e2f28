import type { Selectable } from 'kysely';
import type { By } from '../audit/entry.ts';
import type { Json } from '../policy/vocabulary.ts';
import { readBody } from './audit-log.ts';
import { newId } from './id.ts';
import type { Ledger, LedgerReader, LedgerTransaction } from './ledger.ts';
import type { DraftState, LedgerSchema } from './schema.ts';

export type DraftRow = Selectable<LedgerSchema['draft']>;

/** What was not done but kept, exactly as it would have gone. */
export type HeldCall = Pick<DraftRow, 'step' | 'action' | 'digest' | 'payload_id' | 'sentence' | 'reason'>;

/** Keeps a call as a draft; keeping the same one again changes nothing. */
export async function holdDraft(trx: LedgerTransaction, jobId: string, held: HeldCall, at: number): Promise<DraftRow> {
  const { step, action, digest, payload_id, sentence, reason } = held;
  const row = {
    step,
    action,
    digest,
    payload_id,
    sentence,
    reason,
    draft_id: newId('dft'),
    job_id: jobId,
    state: 'held',
    held_at: at,
    sent_by: null,
    sent_assurance: null,
    settled_at: null,
    says: null,
  } as const;
  await trx
    .insertInto('draft')
    .values(row)
    .onConflict((conflict) => conflict.columns(['job_id', 'step', 'digest']).doNothing())
    .execute();
  return trx
    .selectFrom('draft')
    .selectAll()
    .where('job_id', '=', jobId)
    .where('step', '=', step)
    .where('digest', '=', digest)
    .executeTakeFirstOrThrow();
}

/** A person wants it sent exactly as it is. @returns why not, or `undefined` when the order stands */
export async function orderDispatch(ledger: Ledger, draftId: string, by: By): Promise<string | undefined> {
  return ledger.transaction(async (trx) => {
    const draft = await trx
      .selectFrom('draft')
      .selectAll()
      .where('draft_id', '=', draftId)
      .forUpdate()
      .executeTakeFirst();
    if (draft === undefined) return `there is no draft \`${draftId}\``;
    if (draft.state === 'sent') return 'the draft was sent already';
    if (draft.state === 'sending') return undefined; // under way on the first one's order; asking again changes no name
    await trx
      .updateTable('draft')
      .set({ state: 'sending', sent_by: by.name, sent_assurance: by.assurance })
      .where('draft_id', '=', draftId)
      .execute();
    return undefined;
  });
}

/** What became of an order to send; without one under way, nothing changes. */
export async function settleDraft(
  trx: LedgerTransaction,
  draftId: string,
  state: Exclude<DraftState, 'sending'>,
  says: string,
  at: number,
): Promise<void> {
  await trx
    .updateTable('draft')
    .set({ state, says, settled_at: state === 'held' ? null : at })
    .where('draft_id', '=', draftId)
    .where('state', '=', 'sending')
    .execute();
}

export async function findDraft(db: LedgerReader, draftId: string): Promise<DraftRow | undefined> {
  return db.selectFrom('draft').selectAll().where('draft_id', '=', draftId).executeTakeFirst();
}

/** Newest first; those a person can still send unless `all`. */
export async function listDrafts(db: LedgerReader, { all }: { all: boolean }): Promise<readonly DraftRow[]> {
  const drafts = db.selectFrom('draft').selectAll().orderBy('held_at', 'desc').limit(500);
  return (all ? drafts : drafts.where('state', 'in', ['held', 'sending', 'failed'])).execute();
}

/** What the target answered when the draft's step was done. */
export async function sentResult(db: LedgerReader, { job_id, step, digest }: DraftRow): Promise<Json> {
  const done = await db
    .selectFrom('step')
    .select('result_id')
    .where('job_id', '=', job_id)
    .where('step', 'in', [step, `${step}~${digest.slice(0, 12)}`])
    .where('digest', '=', digest)
    .where('state', '=', 'done')
    .executeTakeFirst();
  return done?.result_id == null ? null : ((await readBody(db, done.result_id)) ?? null);
}
