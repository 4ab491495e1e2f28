import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../../stack/postgres.ts';
import { CliError, EXIT } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { messageOf } from './parts.ts';
import type { UpSettings } from './settings.ts';

export interface Database {
  readonly url: string;
  /** Of a server of ours. */
  readonly pid?: number;
  readonly stop: () => Promise<void>;
}

/** A PostgreSQL of ours in the state folder, or the one that DATABASE_URL names. @throws CliError, StartError */
export async function openDatabase(
  { databaseUrl, home, ports, fresh }: UpSettings,
  { out }: Pick<Io, 'out'>,
): Promise<Database> {
  if (databaseUrl !== undefined) return useDatabase(databaseUrl);
  out("Starting the ledger's PostgreSQL ...");
  const server = await startPostgres({ dataDir: join(home, 'postgres'), port: ports.database });
  if (!fresh) return server;
  try {
    return { ...server, url: await newDatabase(server.url) };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function useDatabase(url: string): Promise<Database> {
  const { host } = readUrl(url);
  await ask(url, []).catch((error: unknown) => {
    throw new CliError(
      EXIT.failed,
      `the database at \`${host}\` (DATABASE_URL) cannot be used: ${messageOf(error)}; correct it, or unset DATABASE_URL to use a local one`,
    );
  });
  return { url, stop: async () => undefined };
}

/** The password is not for anybody's eyes, so a bad one is not repeated either. */
function readUrl(url: string): URL {
  if (URL.canParse(url) && /^postgres(ql)?:$/.test(new URL(url).protocol)) return new URL(url);
  throw new CliError(EXIT.usage, 'DATABASE_URL must be of the form `postgres://user:password@host:port/database`');
}

const PREFIX = 'remit_fresh_';

/** An empty database; those of earlier runs go. */
async function newDatabase(server: string): Promise<string> {
  const name = `${PREFIX}${randomBytes(5).toString('hex')}`;
  const earlier = await ask(server, [`select datname from pg_database where starts_with(datname, '${PREFIX}')`]);
  const drops = earlier.map(({ datname }) => `drop database "${String(datname)}" with (force)`);
  await ask(server, [...drops, `create database ${name}`]);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** Runs statements one by one. @returns the rows of the last */
async function ask(url: string, statements: readonly string[]): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    let rows: readonly Record<string, unknown>[] = [];
    for (const statement of statements) rows = (await client.query<Record<string, unknown>>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}
