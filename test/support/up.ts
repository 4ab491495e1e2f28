import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporalCli } from './stack.ts';
import { until } from './until.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
/** Any free port each, so that tests disturb nobody and one another least of all. */
const ANYWHERE = ['--http-port', '0', '--temporal-port', '0', '--ui-port', '0', '--postgres-port', '0'];

/** A command line of ours in a process of its own. */
export interface Running {
  /** Everything it printed so far, both streams. */
  readonly printed: () => string;
  /** Resolves with what matched. */
  readonly untilPrinted: (pattern: RegExp, timeoutMs?: number) => Promise<RegExpExecArray>;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly exitCode: Promise<number | null>;
}

/** A state folder that PostgreSQL can reach when we are root. */
export async function newHome(): Promise<{ readonly home: string; readonly remove: () => Promise<void> }> {
  const home = await mkdtemp(join(tmpdir(), 'remit-e2e-'));
  await chmod(home, 0o711);
  return { home, remove: () => rm(home, { recursive: true, force: true }) };
}

export function remit(home: string, ...args: readonly string[]): Running {
  const env: NodeJS.ProcessEnv = { ...process.env, REMIT_HOME: home, REMIT_TEMPORAL_CLI: temporalCli() };
  for (const elsewhere of ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'DATABASE_URL', 'REMIT_SMTP_URL'])
    delete env[elsewhere];
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const exitCode = once(child, 'close').then(([code]) => code as number | null);
  return {
    printed: () => text,
    untilPrinted: (pattern, timeoutMs = 90_000) => untilPrinted(pattern, () => text, child, timeoutMs),
    signal: (name) => void child.kill(name),
    exitCode,
  };
}

export function up(home: string, ...args: readonly string[]): Running {
  return remit(home, 'up', ...ANYWHERE, ...args);
}

async function untilPrinted(
  pattern: RegExp,
  printed: () => string,
  child: { readonly exitCode: number | null },
  timeoutMs: number,
): Promise<RegExpExecArray> {
  const found = await until(async () => {
    const match = pattern.exec(printed());
    return match ?? (child.exitCode === null ? undefined : 'ended');
  }, timeoutMs).catch(() => 'late' as const);
  if (typeof found === 'object') return found;
  throw new Error(`${pattern} was not printed (${found}); this was:\n${printed()}`);
}
