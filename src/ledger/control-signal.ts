import { AuditNotes } from './audit-log.ts';
import type { By } from '../audit/entry.ts';
import type { Ledger } from './ledger.ts';

/** A control Signal as Temporal's history has it. */
export interface SeenSignal {
  readonly runId: string;
  readonly eventId: number;
  readonly name: string;
}

/** The event up to which a run's Signals are on record. */
export async function signalCursor(ledger: Ledger, runId: string): Promise<number> {
  const row = await ledger.run((db) => db.selectFrom('run').select('signal_cursor').where('run_id', '=', runId).executeTakeFirst());
  return row?.signal_cursor ?? 0;
}

/** Claims one Signal; each is acted on once, however often history is read. @returns whether it was new */
export async function claimSignal(ledger: Ledger, jobId: string, { runId, eventId, name }: SeenSignal): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await ledger.run((db) =>
    db
      .insertInto('control_signal')
      .values({ run_id: runId, event_id: eventId, job_id: jobId, name, says: 'being recorded', recorded_at: ledger.now() })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst(),
  );
  return numInsertedOrUpdatedRows === 1n;
}

/** Writes what a Signal came to, and moves the cursor past it. */
export async function recordSignal(ledger: Ledger, jobId: string, signal: SeenSignal, says: string, by: By): Promise<void> {
  const at = ledger.now();
  await ledger.transaction(async (trx) => {
    await trx.updateTable('control_signal').set({ says }).where('run_id', '=', signal.runId).where('event_id', '=', signal.eventId).execute();
    await trx.updateTable('run').set({ signal_cursor: signal.eventId }).where('run_id', '=', signal.runId).where('signal_cursor', '<', signal.eventId).execute();
    const notes = new AuditNotes(jobId, at);
    await notes.add({ kind: 'input', at, what: 'signal', says: `Signal ${signal.name}: ${says}`, by, body: notes.body({ eventId: signal.eventId, runId: signal.runId }) }).write(trx);
  });
}
