import { mkdtempSync, rmSync } from 'node:fs';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startPostgres } from '../../src/stack/postgres.ts';

let dir: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'remit-postgres-'));
  await chmod(dir, 0o711);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it('keeps what was written over a stop and a start', async () => {
  const first = await startPostgres({ dataDir: join(dir, 'data') });
  await ask(first.url, 'CREATE TABLE kept AS SELECT 7 AS seven');
  await first.stop();
  const second = await startPostgres({ dataDir: join(dir, 'data') });
  expect(await ask(second.url, 'SELECT seven FROM kept')).toEqual([{ seven: 7 }]);
  await second.stop();
});

it('recovers after it was killed, though the pid it left is another process by now', async () => {
  const first = await startPostgres({ dataDir: join(dir, 'data') });
  await ask(first.url, 'CREATE TABLE kept AS SELECT 7 AS seven');
  process.kill(first.pid, 'SIGKILL');
  await first.stop();
  const pidFile = join(dir, 'data/cluster/postmaster.pid');
  await writeFile(pidFile, (await readFile(pidFile, 'utf8')).replace(/^\d+/, String(process.pid)));
  const second = await startPostgres({ dataDir: join(dir, 'data') });
  expect(await ask(second.url, 'SELECT seven FROM kept')).toEqual([{ seven: 7 }]);
  await second.stop();
});

it('ends a server left over on its cluster before it starts another', async () => {
  const leftover = await startPostgres({ dataDir: join(dir, 'data'), durable: false });
  const next = await startPostgres({ dataDir: join(dir, 'data'), durable: false });
  await expect(ask(leftover.url, 'SELECT 1')).rejects.toThrow();
  expect(await ask(next.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await next.stop();
});

it('keeps its password for its owner alone', async () => {
  const server = await startPostgres({ dataDir: join(dir, 'data'), durable: false });
  await server.stop();
  expect((await stat(join(dir, 'data/password'))).mode & 0o777).toBe(0o600);
});

it.each([
  [{}, { fsync: 'on', connections: '200' }],
  [{ durable: false }, { fsync: 'off', connections: '200' }],
])('given %o runs with %o', async (options, settings) => {
  const server = await startPostgres({ dataDir: join(dir, 'data'), ...options });
  const [row] = await ask(
    server.url,
    `SELECT current_setting('fsync') AS fsync, current_setting('max_connections') AS connections`,
  );
  await server.stop();
  expect(row).toEqual(settings);
});

async function ask(url: string, statement: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}
