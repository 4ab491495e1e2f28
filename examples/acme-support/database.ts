import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

const ROLE = 'acme_support_inbox';

/**
 * Creates what is missing of the sample's schema, role and rows; safe to call again and from several processes.
 *
 * @param serverUrl - a connection string that may create roles and schemas
 * @returns the connection string of the agent's own role
 */
export async function prepareDatabase(serverUrl: string): Promise<string> {
  const password = passwordFor(serverUrl);
  const [schema, seed] = await Promise.all(
    ['schema.sql', 'seed.sql'].map((name) => readFile(join(import.meta.dirname, name), 'utf8')),
  );
  await withRetries(() => inTransaction(serverUrl, [createRole(password), schema ?? '', seed ?? '']));
  const url = new URL(serverUrl);
  url.username = ROLE;
  url.password = password;
  return url.href;
}

/** Derived from the server's own password, so that every process that may prepare the role knows it and no file keeps it. */
function passwordFor(serverUrl: string): string {
  return createHmac('sha256', decodeURIComponent(new URL(serverUrl).password))
    .update(ROLE)
    .digest('hex');
}

function createRole(password: string): string {
  return `do $$ begin
    if not exists (select from pg_roles where rolname = '${ROLE}') then create role ${ROLE}; end if;
  end $$;
  alter role ${ROLE} login nosuperuser nocreatedb nocreaterole noreplication password '${password}';`;
}

async function inTransaction(url: string, scripts: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('begin; select pg_advisory_xact_lock(4206942)');
    for (const script of scripts) await client.query(script);
    await client.query('commit');
  } finally {
    await client.end();
  }
}

/** Roles belong to the whole server, so two databases prepared at once may get in each other's way for a moment. */
async function withRetries(prepare: () => Promise<void>, left = 5): Promise<void> {
  try {
    await prepare();
  } catch (error) {
    if (left === 0 || !isCollision(error)) throw error;
    await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 100));
    await withRetries(prepare, left - 1);
  }
}

/** Duplicate objects, unique violations, and "tuple concurrently updated", which has no code of its own. */
function isCollision(error: unknown): boolean {
  return error instanceof pg.DatabaseError && ['42710', '23505', 'XX000'].includes(error.code ?? '');
}
