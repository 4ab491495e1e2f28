import { DatabaseError } from 'pg';
import { NotDoneError } from '../../activities/not-done-error.ts';

/**
 * Sorts what a database said. Before `commit` was sent nothing can have been kept; once it was, only an answer of the
 * server proves that nothing was, and a lost connection leaves the outcome in doubt.
 *
 * @throws {@link NotDoneError} when it is certain that nothing was written, else the error as it came
 */
export function asNotDone(error: unknown, commit: 'before' | 'during'): never {
  if (error instanceof NotDoneError) throw error;
  if (commit === 'during' && !(error instanceof DatabaseError)) throw error;
  const message = error instanceof Error ? error.message : String(error);
  throw new NotDoneError(`the customer database wrote nothing: ${message}`, {
    retryable: isTemporary(error),
    cause: error,
  });
}

/** SQLSTATE classes 08, 40, 53, 55 and 57 and plain connection failures pass; wrong data and missing grants do not. */
function isTemporary(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return true;
  return /^(08|40|53|55|57)/.test(error.code ?? '');
}
