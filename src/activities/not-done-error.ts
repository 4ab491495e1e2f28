import { RemitError } from '../policy/error.ts';

/** Thrown by a connector that is certain nothing happened at the target: limits and approval are given back. */
export class NotDoneError extends RemitError {
  override readonly name = 'NotDoneError';
  readonly code = 'NOT_DONE';
  /** Whether trying again could work: a refused connection, yes; a rejected recipient, no. */
  readonly retryable: boolean;

  constructor(message: string, { retryable, cause }: { retryable: boolean; cause?: unknown }) {
    super(message, { cause });
    this.retryable = retryable;
  }
}
