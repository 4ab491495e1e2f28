import { randomBytes } from 'node:crypto';
import pg from 'pg';

const PREFIX = 'remit_fresh_';

/**
 * An empty database on a server of ours; those made here before go.
 *
 * @param serverUrl - the superuser's
 * @returns the new database's connection string
 */
export async function freshDatabase(serverUrl: string): Promise<string> {
  const name = `${PREFIX}${randomBytes(5).toString('hex')}`;
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>(
      'select datname from pg_database where starts_with(datname, $1)',
      [PREFIX],
    );
    for (const { datname } of rows) await client.query(`drop database "${datname}" with (force)`);
    await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
