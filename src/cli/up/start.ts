import { mkdir } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createApi, serveApi } from '../../server/api.ts';
import { Remit } from '../../server/remit.ts';
import { freePort } from '../../stack/ports.ts';
import { writeRunning, clearRunning } from '../../stack/run-file.ts';
import type { Io } from '../io.ts';
import { loadApp } from './app.ts';
import { openDatabase } from './database.ts';
import type { Database } from './database.ts';
import { keepWorkerQuiet, openLog } from './log.ts';
import { openMail } from './mail.ts';
import type { Parts } from './parts.ts';
import { openTemporal } from './temporal.ts';
import type { Temporal } from './temporal.ts';
import type { UpSettings } from './settings.ts';

/** A Remit that is up, with everything it stands on. */
export interface Up {
  readonly remit: Remit;
  /** By name: `server`, `temporal`, `temporalUi`, `database`, `mail`. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly token: string;
  /** Process ids of the servers we started, by name. */
  readonly pids: Readonly<Record<string, number>>;
  /** Where mail that went out is kept, if the sink is ours. */
  readonly sentDir?: string;
  readonly logFile: string;
}

/**
 * Starts everything, bottom first, each part noted in `parts` as soon as it stands.
 *
 * @param asked - looked at between parts: who wants to stop need not wait for the rest
 * @throws CliError, StartError, CharterError, LedgerUnavailableError
 */
export async function startUp(settings: UpSettings, io: Io, parts: Parts, asked: AbortSignal): Promise<Up> {
  const { home } = settings;
  const dataDir = join(home, 'data');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const app = await loadApp(settings.appFile);
  const { database, temporal } = await startServers(settings, io, parts);
  asked.throwIfAborted();
  const mail = await openMail(settings, dataDir);
  parts.add('the mail sink', mail.stop);
  const logFile = join(home, 'logs/remit.log');
  const log = openLog(logFile);
  keepWorkerQuiet(log);
  io.out('Starting the Worker ...');
  const { mailboxDir, namespace } = settings;
  const remit = await Remit.open({
    ...{ app, dataDir, log, databaseUrl: database.url, smtpUrl: mail.url, temporalAddress: temporal.address },
    ...(namespace === undefined ? {} : { namespace }),
    ...(mailboxDir === undefined ? {} : { mailboxDir }),
  });
  parts.add('the Worker', () => remit.close());
  asked.throwIfAborted();
  remit.start();
  const served = await serve(settings, { remit, temporal, database, mailUrl: mail.url }, parts);
  const pids = pidsOf({ Temporal: temporal.pid, PostgreSQL: database.pid });
  return { remit, ...served, pids, ...(mail.sentDir === undefined ? {} : { sentDir: mail.sentDir }), logFile };
}

/** Both at once; whichever stands is noted even when the other fell. */
async function startServers(
  settings: UpSettings,
  io: Io,
  parts: Parts,
): Promise<{ database: Database; temporal: Temporal }> {
  const [database, temporal] = await Promise.allSettled([openDatabase(settings, io), openTemporal(settings, io)]);
  if (database.status === 'fulfilled') parts.add('PostgreSQL', database.value.stop);
  if (temporal.status === 'fulfilled') parts.add('Temporal', temporal.value.stop);
  if (database.status === 'rejected') throw database.reason;
  if (temporal.status === 'rejected') throw temporal.reason;
  return { database: database.value, temporal: temporal.value };
}

interface Below {
  readonly remit: Remit;
  readonly temporal: Temporal;
  readonly database: Database;
  readonly mailUrl: string;
}

async function serve(
  { home, ports }: UpSettings,
  { remit, temporal, database, mailUrl }: Below,
  parts: Parts,
): Promise<Pick<Up, 'addresses' | 'token'>> {
  const token = randomBytes(32).toString('base64url');
  const port = await freePort(ports.server);
  const addresses = {
    server: `http://127.0.0.1:${port}`,
    temporal: temporal.address,
    ...(temporal.uiUrl === undefined ? {} : { temporalUi: temporal.uiUrl }),
    database: withoutPassword(database.url),
    mail: mailUrl,
  };
  const server = await serveApi(createApi({ remit, token, addresses }), port);
  parts.add('the HTTP API', server.close);
  parts.add('the run file', async () => clearRunning(home));
  writeRunning(home, { addresses, token });
  return { addresses, token };
}

function withoutPassword(url: string): string {
  const shown = new URL(url);
  if (shown.password !== '') shown.password = '***';
  return shown.href;
}

function pidsOf(pids: Readonly<Record<string, number | undefined>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(pids).flatMap(([name, pid]) => (pid === undefined ? [] : [[name, pid]])));
}
