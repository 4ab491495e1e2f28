import pg from 'pg';
import { expect, inject, it } from 'vitest';
import { Connection } from '@temporalio/client';
import { freshDatabase } from '../support/database.ts';

it('gives every test an empty database of its own', async () => {
  const [one, two] = await Promise.all([freshDatabase(), freshDatabase()]);
  const client = new pg.Client(one.url);
  await client.connect();
  const { rows } = await client.query(`SELECT count(*)::int AS tables FROM pg_tables WHERE schemaname = 'public'`);
  await client.end();
  expect(rows).toEqual([{ tables: 0 }]);
  expect(one.url).not.toBe(two.url);
  await Promise.all([one.drop(), two.drop()]);
});

it('brings a Temporal server new enough to pause jobs', async () => {
  const connection = await Connection.connect({ address: inject('temporalAddress') });
  const { serverVersion } = await connection.workflowService.getSystemInfo({});
  await connection.close();
  const [major = 0, minor = 0] = (serverVersion ?? '').split('.').map(Number);
  expect(major * 1_000 + minor).toBeGreaterThanOrEqual(1_030);
});
