import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { birthOf } from './process.ts';

const NoteSchema = z.object({ pid: z.int().positive(), birth: z.string() });
const GRACE_MS = 10_000;

/** Writes down a server of ours: if we go without stopping it, the next start knows it. */
export function noteServer(file: string, pid: number): void {
  const birth = birthOf(pid);
  if (birth !== undefined) writeFileSync(file, JSON.stringify({ pid, birth }), { mode: 0o600 });
}

/**
 * Ends the server noted in `file` if it still runs: its watchdog may be at it, and two on one data file do not go together.
 * INVARIANT: only that very process, known by its birth, is ended; a later one with the same id is left alone.
 */
export async function endLeftover(file: string): Promise<void> {
  const note = NoteSchema.safeParse(readJson(file));
  if (!note.success) return;
  const { pid, birth } = note.data;
  const runs = (): boolean => birthOf(pid) === birth;
  const patientUntil = performance.now() + GRACE_MS;
  if (runs()) signal(pid, 'SIGTERM');
  while (runs() && performance.now() < patientUntil) await sleep(50);
  while (runs()) {
    signal(pid, 'SIGKILL');
    await sleep(50);
  }
}

/** It may have ended since we looked, which is what we want. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
