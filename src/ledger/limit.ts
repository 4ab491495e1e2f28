import type { Limit } from '../policy/statement.ts';
import type { Reservation } from '../policy/decision.ts';
import type { LedgerTransaction } from './ledger.ts';

/** Where a limit counts: one case, or one UTC day of the charter. */
export function bucketOf(per: Limit['per'], jobId: string, at: number): string {
  return per === 'case' ? jobId : new Date(at).toISOString().slice(0, 10);
}

/** One counter's row, fixed when it was reserved. */
export interface Reserved {
  readonly limitId: string;
  readonly bucket: string;
  readonly amount: number;
}

/** Takes up what an effect will use; the counters are locked already. */
export async function reserve(
  trx: LedgerTransaction,
  charter: string,
  jobId: string,
  at: number,
  reservations: readonly Reservation[],
): Promise<readonly Reserved[]> {
  const reserved = reservations.map(({ limitId, per, amount }) => ({
    limitId,
    bucket: bucketOf(per, jobId, at),
    amount,
  }));
  for (const each of reserved) await change(trx, charter, each, each.amount);
  return reserved;
}

/** Gives back what an effect that certainly did not happen had reserved. */
export async function giveBack(trx: LedgerTransaction, charter: string, reserved: readonly Reserved[]): Promise<void> {
  const inLockOrder = reserved.toSorted((a, b) => (a.limitId < b.limitId ? -1 : 1));
  for (const each of inLockOrder) await change(trx, charter, each, -each.amount);
}

async function change(
  trx: LedgerTransaction,
  charter: string,
  { limitId, bucket }: Reserved,
  by: number,
): Promise<void> {
  await trx
    .updateTable('limit_use')
    .set((eb) => ({ used: eb('used', '+', by) }))
    .where('charter', '=', charter)
    .where('limit_id', '=', limitId)
    .where('bucket', '=', bucket)
    .execute();
}
