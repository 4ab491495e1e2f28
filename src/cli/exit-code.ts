/** What an ended command tells a script. */
export const EXIT = { ok: 0, failed: 1, usage: 2, denied: 3, notFound: 4, unreachable: 5 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES_HELP = `
Exit codes:
  0  done
  1  failed unexpectedly, or a check found something wrong
  2  the command line, or a value on it, is not right
  3  the boundary denied it, or it no longer counts
  4  there is no such thing
  5  Remit is not running here, or cannot be reached`;

/** A command that cannot go on: the line a person reads, and the code. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
