import { sql } from 'kysely';
import type { Label } from '../policy/vocabulary.ts';
import type { LedgerReader, LedgerTransaction } from './ledger.ts';

/** A record this job has read. */
export interface PastRecord {
  readonly record: string;
  readonly id: string;
  readonly labels: readonly Label[];
}

/** Adds what was read to the job's past; the job's row is locked by the update itself. */
export async function rememberRead(trx: LedgerTransaction, jobId: string, count: string, records: readonly PastRecord[]): Promise<void> {
  const labels = [...new Set(records.flatMap((each) => each.labels))].filter((label) => label !== 'trusted');
  await rememberDone(trx, jobId, count, labels);
  for (const { record, id, labels: its } of records)
    await trx.insertInto('past_record').values({ job_id: jobId, record, record_id: id, labels: [...its] }).onConflict((conflict) => conflict.doNothing()).execute();
}

/** Counts one call done. @param count - `verb system.record` */
export async function rememberDone(trx: LedgerTransaction, jobId: string, count: string, labels: readonly Label[] = []): Promise<void> {
  await sql`update remit.job set
      past_counts = jsonb_set(past_counts, array[${count}], to_jsonb(coalesce((past_counts ->> ${count})::int, 0) + 1)),
      past_labels = (select coalesce(array_agg(distinct label), '{}') from unnest(past_labels || ${labels}::text[]) as label)
    where job_id = ${jobId}`.execute(trx);
}

/** What a person is shown as the sources of a request. */
export async function recordsRead(db: LedgerReader, jobId: string): Promise<readonly PastRecord[]> {
  const rows = await db.selectFrom('past_record').selectAll().where('job_id', '=', jobId).orderBy('record').orderBy('record_id').limit(200).execute();
  return rows.map((row) => ({ record: row.record, id: row.record_id, labels: row.labels as Label[] }));
}
