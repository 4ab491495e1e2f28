import type { Json } from '../policy/vocabulary.ts';
import { AuditNotes } from './audit-log.ts';
import type { Ledger } from './ledger.ts';

/** The answer a brain gave at this turn of this job, or `undefined` when it was not asked yet. */
export async function recall(ledger: Ledger, jobId: string, turn: number): Promise<Json | undefined> {
  const row = await ledger.run((db) =>
    db.selectFrom('thought').select('answer').where('job_id', '=', jobId).where('turn', '=', turn).executeTakeFirst(),
  );
  return row?.answer as Json | undefined;
}

/** Keeps an answer; the first one kept is the answer, whoever asks again. */
export async function keepThought(
  ledger: Ledger,
  thought: { jobId: string; turn: number; brain: string; answer: Json },
): Promise<Json> {
  const { jobId, turn, brain, answer } = thought;
  const at = ledger.now();
  const kept = await ledger.transaction(async (trx) => {
    await trx.selectFrom('job').select('job_id').where('job_id', '=', jobId).forUpdate().executeTakeFirst();
    const { numInsertedOrUpdatedRows } = await trx
      .insertInto('thought')
      .values({ job_id: jobId, turn, answer: JSON.stringify(answer), at })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows !== 1n) return false;
    const notes = new AuditNotes(jobId, at);
    await notes
      .add({
        kind: 'input',
        at,
        what: 'thought',
        says: `brain ${brain} answered turn ${turn}`,
        body: notes.body(answer),
      })
      .write(trx);
    return true;
  });
  return kept ? answer : ((await recall(ledger, jobId, turn)) ?? answer);
}
