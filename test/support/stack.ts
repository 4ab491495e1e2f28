import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startPostgres } from '../../src/stack/postgres.ts';
import { startTemporalServer } from '../../src/stack/temporal-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** `host:port` of the run's own dev server. */
    temporalAddress: string;
    /** The run's own PostgreSQL server, as its superuser; see `freshDatabase`. */
    databaseUrl: string;
  }
}

/** One dev server and one PostgreSQL for the whole run, never those of the environment; gone with it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  delete process.env.TEMPORAL_ADDRESS;
  delete process.env.DATABASE_URL;
  const folder = await mkdtemp(join(tmpdir(), 'remit-test-'));
  await chmod(folder, 0o711); // PostgreSQL runs as a user of its own when we are root
  const [postgres, temporal] = await Promise.all([
    startPostgres({ dataDir: join(folder, 'postgres'), durable: false }),
    startTemporalServer({ cliPath: temporalCli(), logFile: join(folder, 'temporal.log') }),
  ]);
  project.provide('temporalAddress', temporal.address);
  project.provide('databaseUrl', postgres.url);
  return async () => {
    await Promise.all([temporal.stop(), postgres.stop()]);
    await rm(folder, { recursive: true, force: true });
  };
}

/** The CLI that `npm test` found; run by hand, the one it fetched earlier or the one on PATH. */
export function temporalCli(): string {
  const candidates = [
    process.env.REMIT_TEMPORAL_CLI,
    join(import.meta.dirname, '../../.remit/tools/temporal/bin/temporal'),
    join(import.meta.dirname, '../../.remit/tools/temporal/sdk/temporal'),
    ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'temporal')),
  ];
  const found = candidates.find((path) => path !== undefined && existsSync(path) && isNewEnough(path));
  if (found === undefined)
    throw new Error('no Temporal CLI with server 1.30 or newer: run `npm test` once, it fetches one');
  return found;
}

function isNewEnough(cli: string): boolean {
  const [, major, minor] = /Server (\d+)\.(\d+)/.exec(execFileSync(cli, ['--version'], { encoding: 'utf8' })) ?? [];
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 30);
}
