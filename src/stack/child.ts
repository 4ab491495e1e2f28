import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from './start-error.ts';

export interface ChildOptions {
  /** What it is called in messages, such as `PostgreSQL`. */
  readonly part: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Output is appended here; nothing reaches the terminal. */
  readonly logFile: string;
  /** What asks it to end in good order. */
  readonly stopSignal: 'SIGINT' | 'SIGTERM';
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
}

/** A server of ours: it dies with us and only when we say so. */
export interface Child {
  readonly pid: number;
  /** How it ended, in words; `undefined` while it runs. */
  readonly ended: () => string | undefined;
  /** Asks, waits, and kills what did not listen. Safe to call twice. */
  readonly stop: () => Promise<void>;
  /** @throws {@link StartError} when it ended, or did not answer in time */
  readonly untilAnswers: (answers: () => Promise<boolean>, withinMs?: number) => Promise<void>;
}

const STOP_GRACE_MS = 10_000;
const START_GRACE_MS = 60_000;

/**
 * Starts a server in a process group of its own, so a Ctrl-C at the terminal reaches us alone and we stop things in order.
 * INVARIANT: it does not outlive us, however we end, except on Windows, or when someone kills its watchdog first.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { command, args, logFile, stopSignal, env, uid, gid } = options;
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: env ?? process.env,
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  closeSync(log);
  const exit = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `it ended with code ${code}` : `it ended by ${signal}`),
    );
  });
  let ended: string | undefined;
  const over = exit.then((how) => (ended = how));
  if (child.pid === undefined) throw failed(options, await over);
  const watchdog = watch(child.pid, stopSignal);
  void over.then(() => watchdog?.kill('SIGKILL'));
  return {
    pid: child.pid,
    ended: () => ended,
    stop: () => stop(child, over, stopSignal),
    untilAnswers: (answers, withinMs) => untilAnswers(options, () => ended, answers, withinMs ?? START_GRACE_MS),
  };
}

/**
 * A shell that blocks on a pipe we hold: the pipe closes when we end, even by `kill -9`, and then it stops the child.
 * Its own process group keeps it from a Ctrl-C meant for us.
 */
function watch(pid: number, signal: 'SIGINT' | 'SIGTERM'): ChildProcess | undefined {
  if (process.platform === 'win32') return undefined;
  const script = `while read -r _; do :; done
    kill -s "$2" "$1" || exit 0
    for second in 1 2 3 4 5 6 7 8 9 10; do sleep 1; kill -s 0 "$1" || exit 0; done
    kill -s KILL "$1"`;
  const watchdog = spawn('/bin/sh', ['-c', script, 'remit-watchdog', String(pid), signal.slice(3)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  watchdog.on('error', () => {});
  watchdog.stdin.on('error', () => {});
  watchdog.unref();
  return watchdog;
}

async function stop(child: ChildProcess, over: Promise<string>, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  const patience = new AbortController();
  const gone = await Promise.race([
    over.then(() => true),
    sleep(STOP_GRACE_MS, false, { signal: patience.signal }).catch(() => false),
  ]);
  patience.abort();
  if (gone) return;
  child.kill('SIGKILL');
  await over;
}

async function untilAnswers(
  options: ChildOptions,
  ended: () => string | undefined,
  answers: () => Promise<boolean>,
  withinMs: number,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    const how = ended();
    if (how !== undefined) throw failed(options, how);
    if (await answers()) return;
    await sleep(25);
  }
  throw failed(options, `no answer within ${withinMs / 1000} s`);
}

function failed({ part, logFile }: ChildOptions, reason: string): StartError {
  return new StartError(part, reason, { logFile, logTail: tail(logFile) });
}

function tail(file: string, lines = 12): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}
