import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { birthOf } from './process.ts';

const OwnerSchema = z.object({
  pid: z.int().positive(),
  /** Tells this process from a later one with the same id; see `birthOf`. */
  birth: z.string(),
});
type Owner = z.infer<typeof OwnerSchema>;

/** What a running Remit tells the next command about itself. */
export const RunningSchema = OwnerSchema.extend({
  /** By name, such as `server`, `temporal`, `temporalUi`, `database`. */
  addresses: z.record(z.string(), z.string()),
  /** The local session's secret. */
  token: z.string(),
}).readonly();
export type Running = z.infer<typeof RunningSchema>;

/** Says that this process is up and where. The file is for its owner's eyes only. */
export function writeRunning(dir: string, { addresses, token }: Pick<Running, 'addresses' | 'token'>): void {
  const running: Running = { ...self(), addresses, token };
  const draft = join(dir, `run.json.${process.pid}`);
  writeFileSync(draft, JSON.stringify(running, undefined, 2), { mode: 0o600 });
  renameSync(draft, runFile(dir));
}

/** The Remit that runs on this folder, if the process that wrote the file is still that process. */
export function readRunning(dir: string): Running | undefined {
  const running = RunningSchema.safeParse(readJson(runFile(dir)));
  return running.success && isAlive(running.data) ? running.data : undefined;
}

/** Takes back what `writeRunning` said; another process's word stays. */
export function clearRunning(dir: string): void {
  if (readRunning(dir)?.pid === process.pid) rmSync(runFile(dir), { force: true });
}

/**
 * The right to start on this folder, for one process at a time, from before anything is started until all is stopped.
 * @returns how to give it back, or the pid of the process that has it
 */
export function takeStartLock(dir: string): { readonly release: () => void } | { readonly heldBy: number } {
  mkdirSync(dir, { recursive: true });
  const lock = join(dir, 'start.lock');
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(self()), { mode: 0o600 });
  try {
    for (;;) {
      // A link appears whole or not at all, so nobody ever reads a lock half written.
      if (tryLink(mine, lock)) return { release: () => rmSync(lock, { force: true }) };
      const holder = OwnerSchema.safeParse(readJson(lock));
      if (holder.success && isAlive(holder.data)) return { heldBy: holder.data.pid };
      discard(lock, mine, holder.success ? holder.data : undefined);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Moves a dead process's lock away; puts it back if another start replaced it between our look and our move. */
function discard(lock: string, mine: string, stale: Owner | undefined): void {
  const aside = `${mine}.stale`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  const moved = OwnerSchema.safeParse(readJson(aside));
  if (moved.success && moved.data.birth !== stale?.birth) tryLink(aside, lock);
  rmSync(aside, { force: true });
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function self(): Owner {
  return { pid: process.pid, birth: birthOf(process.pid) ?? 'unknown' };
}

function isAlive({ pid, birth }: Owner): boolean {
  return (birthOf(pid) ?? (process.platform === 'win32' && exists(pid) ? 'unknown' : undefined)) === birth;
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function runFile(dir: string): string {
  return join(dir, 'run.json');
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
