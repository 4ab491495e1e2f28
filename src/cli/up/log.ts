import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { LogLevel } from '@temporalio/worker';
import { destination, pino } from 'pino';
import type { Logger } from 'pino';

/** JSON lines, one a decision; for its owner's eyes only. */
export function openLog(file: string): Logger {
  mkdirSync(dirname(file), { recursive: true });
  return pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime },
    destination({ dest: file, sync: true, mode: 0o600 }),
  );
}

const LEVELS: Readonly<Record<LogLevel, 'debug' | 'info' | 'warn' | 'error'>> = {
  TRACE: 'debug',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/** Sends the Worker's diary to the same file, and leaves Ctrl-C to us: we stop things in order. Once a process. */
export function keepWorkerQuiet(log: Logger): void {
  const logger = new DefaultLogger('INFO', ({ level, message, meta }) => {
    log[LEVELS[level]]({ from: 'worker', ...withoutPayloads(meta) }, message);
  });
  const logging = { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } as const;
  Runtime.install({ logger, shutdownSignals: [], telemetryOptions: { logging } });
}

const SAID = ['workflowId', 'workflowType', 'activityId', 'activityType', 'attempt', 'taskQueue', 'target'] as const;

/** Of what comes with a Worker's line only names are kept, and an error's message. */
function withoutPayloads(meta: Readonly<Record<string, unknown>> | undefined): Readonly<Record<string, unknown>> {
  const said = SAID.flatMap((name) => (meta?.[name] === undefined ? [] : [[name, meta[name]]]));
  const error = meta?.['error'];
  return { ...Object.fromEntries(said), ...(error instanceof Error ? { error: error.message } : {}) };
}
