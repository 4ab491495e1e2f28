import { readdir, rm } from 'node:fs/promises';
import type { Stack } from '../../server/stack.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { settled, takeIn } from '../up/intake.ts';
import { withStack } from '../up/run.ts';
import type { UpOptions } from '../up/run.ts';
import { addressLines, intakeLines } from '../up/screen.ts';
import { Guide } from './guide.ts';
import { STEPS } from './steps.ts';

const PATIENCE_MS = 60_000;

/** Shows the boundary at work by itself, on a fresh folder; every step is checked where its effect lands. */
export async function tour(io: Io, options: UpOptions): Promise<ExitCode> {
  const startedAt = performance.now();
  const settings = { ...options, mustFinish: true, fresh: true };
  const code = await withStack(ownServers(io), settings, (stack, signal) => walk(io, options, stack, signal), freshen);
  io.out(
    code === EXIT.ok
      ? `The tour went as it should, in ${Math.round((performance.now() - startedAt) / 1_000)} s.`
      : 'The tour did not go as it should.',
  );
  return code;
}

/** Servers that the environment names belong to somebody; the tour brings its own. */
function ownServers(io: Io): Io {
  const theirs = new Set(['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'DATABASE_URL', 'REMIT_SMTP_URL']);
  return { ...io, env: Object.fromEntries(Object.entries(io.env).filter(([name]) => !theirs.has(name))) };
}

/**
 * PostgreSQL's cluster may stay, and may live elsewhere: it gets a new database.
 * INVARIANT: called under the start lock, so no tour is swept away under another.
 */
async function freshen(home: string): Promise<void> {
  const apps = await readdir(`${home}/apps`).catch(() => []);
  for (const app of apps)
    for (const part of ['temporal.db', 'temporal.db-shm', 'temporal.db-wal', 'data', 'sent', 'logs'])
      await rm(`${home}/apps/${app}/${part}`, { recursive: true, force: true });
}

async function walk(io: Io, { home }: UpOptions, stack: Stack, signal: AbortSignal): Promise<ExitCode> {
  addressLines(stack.addresses).forEach(io.out);
  const taken = await takeIn(stack.remit, { signal });
  intakeLines(taken).forEach(io.out);
  await settled(
    stack.remit,
    taken.started.map(({ workflowId }) => workflowId),
    signal,
    PATIENCE_MS,
  );
  const guide = new Guide({ io, home, stack, taken });
  try {
    for (const [index, { title, show }] of STEPS.entries()) {
      signal.throwIfAborted();
      io.out(`\n${index + 1}. ${title}`);
      await show(guide);
    }
  } catch (error) {
    if (signal.aborted) return EXIT.failed;
    io.err(`   NOT as it should be: ${error instanceof Error ? error.message : String(error)}`);
    return EXIT.failed;
  }
  return EXIT.ok;
}
