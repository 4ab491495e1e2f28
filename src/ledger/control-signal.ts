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
  const row = await ledger.run((db) =>
    db.selectFrom('run').select('signal_cursor').where('run_id', '=', runId).executeTakeFirst(),
  );
  return row?.signal_cursor ?? 0;
}

/** Writes what a Signal came to, and moves the cursor past it. */
export async function recordSignal(
  ledger: Ledger,
  jobId: string,
  signal: SeenSignal,
  says: string,
  by: By,
): Promise<void> {
  const at = ledger.now();
  await ledger.transaction(async (trx) => {
    const { runId, eventId, name } = signal;
    await trx
      .insertInto('control_signal')
      .values({ run_id: runId, event_id: eventId, job_id: jobId, name, says, recorded_at: at })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await trx
      .updateTable('run')
      .set({ signal_cursor: eventId })
      .where('run_id', '=', runId)
      .where('signal_cursor', '<', eventId)
      .execute();
    const notes = new AuditNotes(jobId, at);
    await notes
      .add({
        kind: 'input',
        at,
        what: 'signal',
        says: `Signal ${name}: ${says}`,
        by,
        body: notes.body({ eventId, runId }),
      })
      .write(trx);
  });
}
