import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Label } from '../policy/vocabulary.ts';
import type { LedgerReader } from './ledger.ts';

/** A record this job has read. */
export interface PastRecord {
  readonly record: string;
  readonly id: string;
  readonly labels: readonly Label[];
}

/** What was read, added to the job's past. Written beside its audit entries, before anyone sees the content. */
export function remembering(jobId: string, count: string, records: readonly PastRecord[]): RawBuilder<unknown> {
  const labels = [...new Set(records.flatMap((each) => each.labels))].filter((label) => label !== 'trusted');
  return sql`read as (insert into remit.past_record (job_id, record, record_id, labels)
      select ${jobId}, r.record, r.id, string_to_array(r.labels, ' ')
      from unnest(${records.map((each) => each.record)}::text[], ${records.map((each) => each.id)}::text[], ${records.map((each) => each.labels.join(' '))}::text[]) as r(record, id, labels)
      on conflict do nothing),
    beside as (update remit.job set past_counts = ${oftener(count, 1)},
      past_labels = (select coalesce(array_agg(distinct label), '{}') from unnest(past_labels || ${labels}::text[]) as label)
    where job_id = ${jobId} returning 1)`;
}

/** `past_counts` with so many more of `verb system.record`. */
export function oftener(count: string, by: number): RawBuilder<unknown> {
  return sql`jsonb_set(past_counts, array[${count}], to_jsonb(coalesce((past_counts ->> ${count})::int, 0) + ${by}::int))`;
}

/** What a person is shown as the sources of a request. */
export async function recordsRead(db: LedgerReader, jobId: string): Promise<readonly PastRecord[]> {
  const rows = await db
    .selectFrom('past_record')
    .selectAll()
    .where('job_id', '=', jobId)
    .orderBy('record')
    .orderBy('record_id')
    .limit(200)
    .execute();
  return rows.map((row) => ({ record: row.record, id: row.record_id, labels: row.labels as Label[] }));
}
