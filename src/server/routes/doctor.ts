import { readFile } from 'node:fs/promises';
import { Hono } from 'hono';
import { sql } from 'kysely';
import { openRequests } from '../../ledger/approval.ts';
import { listInDoubt } from '../../ledger/step.ts';
import { SEARCH_ATTRIBUTES } from '../../stack/temporal-server.ts';
import type { Doctor } from '../api-types.ts';
import type { ApiContext } from '../context.ts';
import type { Remit } from '../remit.ts';

const OVERDUE_MS = 30_000;
const UNHEARD_MS = 60_000;

type Look = (context: ApiContext) => Promise<{ readonly ok?: boolean; readonly says: string }>;

/** What is looked at, in the order it is told. One that throws is not well. */
const LOOKS: Readonly<Record<string, Look>> = {
  addresses: async ({ addresses }) => ({
    says: Object.entries(addresses)
      .map(([name, address]) => `${name} ${withoutPassword(address)}`)
      .join(', '),
  }),
  versions: async () => ({
    says: `Remit ${await remitVersion()}, Node ${process.versions.node}, ${process.platform} ${process.arch}`,
  }),
  Temporal: ({ remit }) => temporal(remit),
  'search attributes': searchAttributes,
  Worker: async ({ remit }) => ({
    ok: remit.isRunning(),
    says: remit.isRunning() ? `polls task queue ${remit.taskQueue}` : 'has stopped',
  }),
  ledger: ({ remit }) => ledger(remit),
  charters: ({ remit }) => charters(remit),
  'effects in doubt': ({ remit }) => inDoubt(remit),
  approvals: ({ remit }) => approvals(remit),
  rings: ({ remit }) => rings(remit),
};

export function doctorRoutes(context: ApiContext): Hono {
  return new Hono().get('/', async (c) => c.json(await examine(context)));
}

async function examine(context: ApiContext): Promise<Doctor> {
  const checks = await Promise.all(
    Object.entries(LOOKS).map(async ([name, look]) => {
      const found = await look(context).catch((error: unknown) => ({
        ok: false,
        says: error instanceof Error ? error.message : String(error),
      }));
      return { name, ok: found.ok ?? true, says: found.says };
    }),
  );
  return { ok: checks.every(({ ok }) => ok), checks };
}

async function remitVersion(): Promise<string> {
  const text = await readFile(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

async function temporal({ client }: Remit) {
  const { serverVersion } = await client.workflowService.getSystemInfo({});
  return { says: `server ${serverVersion} answers` };
}

async function searchAttributes({ remit, namespace }: ApiContext) {
  const { customAttributes } = await remit.client.connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.keys(SEARCH_ATTRIBUTES).filter((name) => !(name in (customAttributes ?? {})));
  return missing.length === 0 ? { says: 'all there' } : { ok: false, says: `missing: ${missing.join(', ')}` };
}

async function ledger({ ledger }: Remit) {
  const found = await ledger.run((db) =>
    sql<{ version: string; jobs: number }>`select current_setting('server_version') as version,
      (select count(*) from remit.job) as jobs`.execute(db),
  );
  const [{ version, jobs } = { version: 'unknown', jobs: 0 }] = found.rows;
  return { says: `PostgreSQL ${version} answers; ${jobs} jobs on record` };
}

async function charters({ ledger }: Remit) {
  const rows = await ledger.run((db) => db.selectFrom('charter_in_force').selectAll().orderBy('charter').execute());
  return {
    ok: rows.length > 0,
    says: rows.map(({ charter, revision }) => `${charter} at ${revision.slice(0, 12)}`).join(', ') || 'none in force',
  };
}

async function inDoubt({ ledger }: Remit) {
  const rows = await ledger.run((db) => listInDoubt(db, ledger.now() - OVERDUE_MS));
  if (rows.length === 0) return { says: 'none' };
  const which = rows.slice(0, 5).map(({ workflow_id, action }) => `${action} of ${workflow_id}`);
  return { ok: false, says: `${rows.length}: ${which.join(', ')}; a person has to look` };
}

async function approvals({ ledger }: Remit) {
  const open = await ledger.run((db) => openRequests(db));
  return { says: open.length === 0 ? 'nothing waits for a person' : `${open.length} wait for a person` };
}

async function rings({ ledger }: Remit) {
  const before = ledger.now() - UNHEARD_MS;
  const rows = await ledger.run((db) =>
    db.selectFrom('outbox').select('workflow_id').where('done_at', 'is', null).where('made_at', '<', before).execute(),
  );
  const jobs = [...new Set(rows.map(({ workflow_id }) => workflow_id))];
  return jobs.length === 0
    ? { says: 'all heard' }
    : { ok: false, says: `${rows.length} not heard for a minute by ${jobs.slice(0, 5).join(', ')}` };
}

function withoutPassword(address: string): string {
  return address.replace(/(:\/\/[^:/@]*):[^@]*@/, '$1@');
}
