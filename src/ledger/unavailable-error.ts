import pg from 'pg';
import { RemitError } from '../policy/error.ts';

/** The ledger cannot be asked or written now. Nothing happens meanwhile; there is no switch that proceeds. */
export class LedgerUnavailableError extends RemitError {
  override readonly name = 'LedgerUnavailableError';
  readonly code = 'LEDGER_UNAVAILABLE';

  constructor(cause: unknown) {
    super(
      `the ledger is not available: ${cause instanceof Error && cause.message !== '' ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

/** Connection lost, resources gone, shutting down, read-only, I/O error, or a statement that timed out. */
const AWAY = /^(08|53|57|58|25006|55P03|XX)/;
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOENT',
  'EAI_AGAIN',
]);

/** Whatever went wrong at the database, in our words; errors of other kinds pass through. */
export function asLedgerError(error: unknown): unknown {
  if (error instanceof pg.DatabaseError) return AWAY.test(error.code ?? '') ? new LedgerUnavailableError(error) : error;
  if (error instanceof AggregateError) return asLedgerError(error.errors[0]);
  if (!(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  const lost =
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after/.test(
      error.message,
    );
  return lost || (typeof code === 'string' && NETWORK.has(code)) ? new LedgerUnavailableError(error) : error;
}
