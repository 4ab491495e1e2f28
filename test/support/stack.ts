import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { TestProject } from 'vitest/node';
import { BUNDLE } from '../../src/plugin.ts';
import { startPostgres } from '../../src/stack/postgres.ts';
import { startTemporalServer } from '../../src/stack/temporal-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** `host:port` of the run's own dev server. */
    temporalAddress: string;
    /** The run's own PostgreSQL server, as its superuser; see `freshDatabase`. */
    databaseUrl: string;
    /** Path of the Workflow bundle every test Worker shares. */
    workflowBundle: string;
  }
}

/** One dev server and one PostgreSQL for the whole run, never those of the environment; gone with it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  delete process.env.TEMPORAL_ADDRESS;
  delete process.env.DATABASE_URL;
  const folder = await mkdtemp(join(tmpdir(), 'remit-test-'));
  await chmod(folder, 0o711); // PostgreSQL runs as a user of its own when we are root
  const [postgres, temporal, bundle] = await Promise.all([
    startPostgres({ dataDir: join(folder, 'postgres'), durable: false }),
    startTemporalServer({ cliPath: temporalCli(), logFile: join(folder, 'temporal.log') }),
    bundleWorkflows(folder),
  ]);
  project.provide('temporalAddress', temporal.address);
  project.provide('databaseUrl', postgres.url);
  project.provide('workflowBundle', bundle);
  return async () => {
    await Promise.all([temporal.stop(), postgres.stop()]);
    await rm(folder, { recursive: true, force: true });
  };
}

/** Remit's Workflows and the tests' own, with the gate, bundled once. */
async function bundleWorkflows(folder: string): Promise<string> {
  const silent = { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: ignore, error: console.error };
  const workflowsPath = join(import.meta.dirname, 'workflows.ts');
  const { code } = await bundleWorkflowCode({
    ...BUNDLE,
    workflowInterceptorModules: [...BUNDLE.workflowInterceptorModules],
    workflowsPath,
    logger: silent,
  });
  const path = join(folder, 'workflows.js');
  await writeFile(path, code);
  return path;
}

function ignore(): void {}

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
