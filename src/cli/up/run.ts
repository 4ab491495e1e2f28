import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RemitApp } from '../../app.ts';
import { RemitError } from '../../policy/error.ts';
import { Stack } from '../../server/stack.ts';
import type { Ports } from '../../server/stack.ts';
import { messageOf } from '../../server/temporal-ready.ts';
import { clearRunning, readRunning, takeStartLock, writeRunning } from '../../stack/run-file.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { temporalCliOf } from '../home.ts';
import type { Io } from '../io.ts';
import { addressLines } from './screen.ts';
import { untilInterrupted } from './interrupt.ts';
import { keepWorkerQuiet, openLog } from './log.ts';

export interface UpOptions {
  /** The state folder, absolute. */
  readonly home: string;
  readonly ports: Ports;
  /** Absolute path of the module whose default export is the app. */
  readonly appFile: string;
  readonly mailboxDir?: string | undefined;
  /** An empty ledger, whatever an earlier run left. */
  readonly fresh?: boolean;
  /** For work that counts only when it was done to its end, by this very process. */
  readonly mustFinish?: boolean;
}

type Work = (stack: Stack, signal: AbortSignal) => Promise<ExitCode>;

/**
 * Starts everything, does `work`, and stops everything again in good order, however it went.
 *
 * @param before - runs first, with the folder to itself
 */
export async function withStack(
  io: Io,
  options: UpOptions,
  work: Work,
  before: (home: string) => Promise<void> = async () => undefined,
): Promise<ExitCode> {
  const unfinished = options.mustFinish === true ? EXIT.failed : EXIT.ok;
  const lock = takeStartLock(options.home);
  if ('heldBy' in lock) return Math.max(await sayWhere(io, options.home, lock.heldBy), unfinished) as ExitCode;
  const interrupt = untilInterrupted(io);
  try {
    await before(options.home);
    return await upAndDown(io, options, interrupt.signal, work);
  } catch (error) {
    if (interrupt.signal.aborted) return unfinished;
    io.err(error instanceof RemitError ? error.message : `something unexpected went wrong: ${messageOf(error)}`);
    return EXIT.failed;
  } finally {
    lock.release();
    interrupt.forget();
  }
}

async function upAndDown(io: Io, options: UpOptions, signal: AbortSignal, work: Work): Promise<ExitCode> {
  const { home, appFile } = options;
  const logFile = join(home, 'logs', 'remit.log');
  const log = openLog(logFile);
  keepWorkerQuiet(log);
  const app = await appFrom(appFile);
  const given = {
    ...options,
    home: folderOf(home, app),
    temporalCli: temporalCliOf(io.env),
    env: io.env,
    log,
    say: io.out,
    signal,
  };
  const stack = new Stack({ ...given, app });
  try {
    await stack.start();
    stack.addresses['log'] = logFile;
    writeRunning(home, { addresses: stack.addresses, token: stack.token });
    return await work(stack, signal);
  } catch (error) {
    if (!signal.aborted) log.error({ err: error }, 'could not go on');
    throw error;
  } finally {
    clearRunning(home);
    io.out('Stopping ...');
    await stack.stop();
    io.out('Stopped.');
  }
}

/** While one runs, another only says where. */
async function sayWhere(io: Io, home: string, pid: number): Promise<ExitCode> {
  for (let tries = 0; tries < 120; tries++) {
    const running = readRunning(home);
    if (running !== undefined) {
      io.out(`Remit runs already on ${home} (process ${running.pid}):`);
      addressLines(running.addresses).forEach(io.out);
      io.out('Stop it with Ctrl-C in its terminal, or work with it: `npm run -s remit -- --help`.');
      return EXIT.ok;
    }
    if (tries === 0) io.out(`Another start is under way (process ${pid}); waiting for it ...`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  io.err(`Process ${pid} is starting or stopping Remit on ${home} and has not said where it is`);
  return EXIT.failed;
}

/** Each app has its own ledger, jobs and mail: one app's Worker knows nothing of another one's charters. */
function folderOf(home: string, { name }: RemitApp): string {
  return join(home, 'apps', name.replaceAll(/[^A-Za-z0-9-]/g, '-'));
}

/** @throws AppError when the file is no module whose default export is an app */
async function appFrom(file: string): Promise<RemitApp> {
  if (!existsSync(file)) throw new AppError(`there is no app at ${file}`);
  const module = (await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw new AppError(`${file} cannot be loaded as an app: ${messageOf(error)}`);
  })) as { default?: Partial<RemitApp> };
  const app = module.default;
  if (typeof app?.open !== 'function' || typeof app.name !== 'string')
    throw new AppError(`the default export of ${file} is no app; make one with defineApp`);
  return app as RemitApp;
}

/** What was named as the app is none. */
class AppError extends RemitError {
  override readonly name = 'AppError';
  readonly code = 'NO_APP';
}
