import { RemitError } from '../policy/error.ts';

/** A part of the local stack did not come up; the message ends with what its log said last. */
export class StartError extends RemitError {
  override readonly name = 'StartError';
  readonly code = 'START_FAILED';
  readonly part: string;
  readonly logFile: string;

  constructor(part: string, reason: string, { logFile, logTail }: { logFile: string; logTail: string }) {
    super([`${part} did not start: ${reason} (log: \`${logFile}\`)`, logTail].filter(Boolean).join('\n'));
    this.part = part;
    this.logFile = logFile;
  }
}
