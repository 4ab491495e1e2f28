import { RemitError } from '../policy/error.ts';

type Status = 400 | 401 | 403 | 404 | 409 | 413 | 500 | 503 | 504;

/** An answer that is not the one hoped for, with the HTTP status that fits. */
export class ApiError extends RemitError {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly status: Status;

  constructor(status: Status, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function notFound(what: string, name: string): ApiError {
  return new ApiError(404, 'NOT_FOUND', `there is no ${what} \`${name}\``);
}

export function unknownCharter(charter: string, known: readonly string[]): ApiError {
  const there = known.length === 0 ? 'there are none' : `there are ${known.join(', ')}`;
  return new ApiError(404, 'UNKNOWN_CHARTER', `no charter \`${charter}\` is in force; ${there}`);
}

const STATUS: Readonly<Record<string, Status>> = { LEDGER_UNAVAILABLE: 503, UNKNOWN_CHARTER: 404 };

/** How an error is told over HTTP; one that is none of ours says nothing of its inside. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof RemitError) return new ApiError(STATUS[error.code] ?? 500, error.code, error.message);
  return new ApiError(500, 'UNEXPECTED', 'something unexpected went wrong; the log says what');
}
