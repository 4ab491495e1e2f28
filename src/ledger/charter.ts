import { AuditNotes, CONTROL_CHAIN } from './audit-log.ts';
import type { Ledger, LedgerReader } from './ledger.ts';

export interface CharterText {
  readonly charter: string;
  /** SHA-256 of charter and house rules, lower-case hex. */
  readonly revision: string;
  readonly charterText: string;
  readonly houseText: string;
}

/** Puts a revision in force for every next action; putting the same one again changes nothing. */
export async function putCharter(ledger: Ledger, text: CharterText, by: string): Promise<boolean> {
  const at = ledger.now();
  return ledger.transaction(async (trx) => {
    const { charter, revision } = text;
    const current = await trx
      .selectFrom('charter_in_force')
      .selectAll()
      .where('charter', '=', charter)
      .forUpdate()
      .executeTakeFirst();
    if (current?.revision === revision) return false;
    await trx
      .insertInto('charter_revision')
      .values({ charter, revision, charter_text: text.charterText, house_text: text.houseText, put_at: at, put_by: by })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await trx
      .insertInto('charter_in_force')
      .values({ charter, revision, since: at })
      .onConflict((conflict) => conflict.column('charter').doUpdateSet({ revision, since: at }))
      .execute();
    const says = `charter ${charter} is in force as revision ${revision.slice(0, 12)}`;
    await new AuditNotes(CONTROL_CHAIN, at)
      .add({ kind: 'input', at, what: 'charter', says, by: { name: by, assurance: 'session', door: 'worker' } })
      .write(trx);
    return true;
  });
}

/** The text of one revision, or `undefined` when the ledger has never seen it. */
export async function charterText(
  db: LedgerReader,
  charter: string,
  revision: string,
): Promise<CharterText | undefined> {
  const row = await db
    .selectFrom('charter_revision')
    .selectAll()
    .where('charter', '=', charter)
    .where('revision', '=', revision)
    .executeTakeFirst();
  return row === undefined
    ? undefined
    : { charter, revision, charterText: row.charter_text, houseText: row.house_text };
}

/** The revision every next action is decided by. */
export async function revisionInForce(db: LedgerReader, charter: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('charter_in_force')
    .select('revision')
    .where('charter', '=', charter)
    .executeTakeFirst();
  return row?.revision;
}
