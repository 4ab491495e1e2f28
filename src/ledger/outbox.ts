import type { Ledger, LedgerTransaction } from './ledger.ts';

/** Between deliveries of a ring nobody has answered. */
const REDELIVER_MS = [2_000, 5_000, 15_000, 60_000] as const;
const GIVE_UP_AFTER = 12;

export interface Ring {
  readonly ringId: number;
  readonly workflowId: string;
  readonly requestId: string | null;
}

/** A wake-up that goes out if and only if its transaction commits. */
export async function ring(
  trx: LedgerTransaction,
  workflowId: string,
  requestId: string | null,
  at: number,
): Promise<void> {
  await trx
    .insertInto('outbox')
    .values({ workflow_id: workflowId, request_id: requestId, made_at: at, next_at: at, done_at: null })
    .execute();
}

/** Takes rings that are due and puts their next delivery off, so that two dispatchers do not ring twice at once. */
export async function takeDue(ledger: Ledger, most: number): Promise<readonly Ring[]> {
  const at = ledger.now();
  return ledger.transaction(async (trx) => {
    const due = await trx
      .selectFrom('outbox')
      .selectAll()
      .where('done_at', 'is', null)
      .where('next_at', '<=', at)
      .orderBy('ring_id')
      .limit(most)
      .forUpdate()
      .skipLocked()
      .execute();
    for (const { ring_id, tries } of due) {
      const next = REDELIVER_MS[Math.min(tries, REDELIVER_MS.length - 1)] ?? 60_000;
      const over = tries + 1 >= GIVE_UP_AFTER ? at : null; // by then the wait's own timer re-checks
      await trx
        .updateTable('outbox')
        .set({ tries: tries + 1, next_at: at + next, done_at: over })
        .where('ring_id', '=', ring_id)
        .execute();
    }
    return due.map((row) => ({ ringId: row.ring_id, workflowId: row.workflow_id, requestId: row.request_id }));
  });
}

/** The job was seen acting on the decision, or there is nobody left to wake. */
export async function silence(
  trx: LedgerTransaction,
  match: { requestId: string } | { workflowId: string },
  at: number,
): Promise<void> {
  const open = trx.updateTable('outbox').set({ done_at: at }).where('done_at', 'is', null);
  await (
    'requestId' in match
      ? open.where('request_id', '=', match.requestId)
      : open.where('workflow_id', '=', match.workflowId)
  ).execute();
}

/** A ring without a request is answered by being delivered. */
export async function delivered(ledger: Ledger, { ringId, requestId }: Ring): Promise<void> {
  if (requestId !== null) return;
  await ledger.run((db) =>
    db.updateTable('outbox').set({ done_at: ledger.now() }).where('ring_id', '=', ringId).execute(),
  );
}
