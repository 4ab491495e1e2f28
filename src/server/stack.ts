import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DecisionLog } from '../activities/guard-port.ts';
import type { RemitApp } from '../app.ts';
import { CredentialBroker } from '../identity/credential.ts';
import { Ledger } from '../ledger/ledger.ts';
import { freshDatabase } from '../stack/fresh-database.ts';
import { freePort } from '../stack/ports.ts';
import { startPostgres } from '../stack/postgres.ts';
import { startSmtpSink } from '../stack/smtp-sink.ts';
import { birthOf } from '../stack/process.ts';
import { startTemporalServer } from '../stack/temporal-server.ts';
import { createApi } from './api.ts';
import { Remit } from './remit.ts';
import { serve } from './serve.ts';
import { EnvironmentError, messageOf, readyTemporal } from './temporal-ready.ts';

/** Ports that are tried first; a taken one is stepped around. 0 is any free one. */
export interface Ports {
  readonly http: number;
  readonly temporal: number;
  readonly ui: number;
  readonly postgres: number;
  readonly smtp: number;
}
export const USUAL_PORTS: Ports = { http: 7236, temporal: 7233, ui: 8233, postgres: 54329, smtp: 2525 };
export const ANY_PORTS: Ports = { http: 0, temporal: 0, ui: 0, postgres: 0, smtp: 0 };

export interface StackOptions {
  readonly app: RemitApp;
  /** The state folder, absolute. */
  readonly home: string;
  readonly ports: Ports;
  readonly temporalCli: string | undefined;
  readonly mailboxDir?: string | undefined;
  /** An empty ledger, whatever an earlier run left in a PostgreSQL of ours. */
  readonly fresh?: boolean | undefined;
  /** `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `DATABASE_URL` and `REMIT_SMTP_URL`, where a person set them. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: DecisionLog & { readonly error: (fields: Readonly<Record<string, unknown>>, message: string) => void };
  /** Plain progress for people. */
  readonly say: (line: string) => void;
  /** Aborts between two parts when the person changed their mind. */
  readonly signal: AbortSignal;
}

/** Everything that runs for one state folder, stopped in the order opposite to its start. */
export class Stack {
  readonly #parts: { readonly name: string; readonly stop: () => Promise<void> }[] = [];
  readonly #options: StackOptions;
  readonly #ours: { readonly name: string; readonly pid: number; readonly birth: string | undefined }[] = [];
  readonly addresses: Record<string, string> = {};
  readonly token = randomBytes(32).toString('base64url');
  readonly namespace: string;
  #remit: Remit | undefined;

  constructor(options: StackOptions) {
    this.#options = options;
    this.namespace = options.env['TEMPORAL_NAMESPACE'] ?? 'default';
  }

  get remit(): Remit {
    if (this.#remit === undefined) throw new Error('Remit is not open yet');
    return this.#remit;
  }

  /** @throws StartError, EnvironmentError, CharterError; whatever was started by then still needs {@link stop} */
  async start(): Promise<void> {
    await mkdir(join(this.#options.home, 'data'), { recursive: true });
    await this.#servers();
    await this.#smtp();
    await this.#openRemit();
    await this.#http();
  }

  /** The name of a server of ours that has ended by itself, if one has. */
  fallen(): string | undefined {
    // A system that tells no births (Windows) has nothing to compare.
    return this.#ours.find(({ pid, birth }) => birth !== undefined && birthOf(pid) !== birth)?.name;
  }

  async stop(): Promise<void> {
    for (let part = this.#parts.pop(); part !== undefined; part = this.#parts.pop()) {
      await part.stop().catch((error: unknown) => this.#options.say(`stopping ${part?.name}: ${messageOf(error)}`));
    }
  }

  /** PostgreSQL and Temporal side by side; both are known before either's failure is told, so both can be stopped. */
  async #servers(): Promise<void> {
    const [database, temporal] = await Promise.allSettled([this.#database(), this.#temporal()]);
    if (database.status === 'fulfilled' && database.value !== undefined) this.#started('PostgreSQL', database.value);
    if (temporal.status === 'fulfilled' && temporal.value !== undefined) this.#started('Temporal', temporal.value);
    for (const each of [database, temporal]) if (each.status === 'rejected') throw each.reason;
    this.#options.signal.throwIfAborted();
  }

  async #database(): Promise<(() => Promise<void>) | undefined> {
    const { env, home, ports, say, fresh } = this.#options;
    const given = env['DATABASE_URL'];
    if (given !== undefined) {
      await answersAsDatabase(given);
      this.addresses['database'] = given;
      say('PostgreSQL: the one DATABASE_URL names');
      return undefined;
    }
    say('PostgreSQL is starting ...');
    const postgres = await startPostgres({ dataDir: join(home, 'postgres'), port: await freePort(ports.postgres) });
    this.#watch('PostgreSQL', postgres.pid);
    try {
      this.addresses['database'] = fresh === true ? await freshDatabase(postgres.url) : postgres.url;
    } catch (error) {
      await postgres.stop();
      throw error;
    }
    return postgres.stop;
  }

  async #temporal(): Promise<(() => Promise<void>) | undefined> {
    const { env, home, ports, say, temporalCli } = this.#options;
    const given = env['TEMPORAL_ADDRESS'];
    if (given !== undefined) {
      await readyTemporal(given, this.namespace);
      this.addresses['temporal'] = given;
      say('Temporal: the one TEMPORAL_ADDRESS names');
      return undefined;
    }
    if (temporalCli === undefined)
      throw new EnvironmentError(
        'there is no Temporal CLI: start by `npm start`, which fetches one, or set REMIT_TEMPORAL_CLI to its path, or TEMPORAL_ADDRESS to a running server',
      );
    say('Temporal’s dev server is starting ...');
    const server = await startTemporalServer({
      cliPath: temporalCli,
      dbFile: join(home, 'temporal.db'),
      port: ports.temporal,
      uiPort: ports.ui,
      logFile: join(home, 'logs', 'temporal.log'),
    });
    this.#watch('the Temporal dev server', server.pid);
    this.addresses['temporal'] = server.address;
    this.addresses['temporalUi'] = server.uiUrl;
    return server.stop;
  }

  async #smtp(): Promise<void> {
    const { env, home, ports } = this.#options;
    const given = env['REMIT_SMTP_URL'];
    if (given !== undefined) {
      this.addresses['smtp'] = given;
      return;
    }
    const broker = await CredentialBroker.open(join(home, 'data', 'credential-key.json'));
    const dir = join(home, 'sent');
    const sink = await startSmtpSink({
      dir,
      port: await freePort(ports.smtp),
      verify: (agent, token) => broker.verify(agent, token),
    });
    this.addresses['smtp'] = sink.url;
    this.addresses['sentMail'] = dir;
    this.#started('the mail sink', () => sink.stop());
  }

  async #openRemit(): Promise<void> {
    const { app, home, mailboxDir, log, say, signal } = this.#options;
    say('Remit’s Worker is starting ...');
    this.#remit = await Remit.open({
      app,
      temporalAddress: this.addresses['temporal'] ?? '',
      namespace: this.namespace,
      databaseUrl: this.addresses['database'] ?? '',
      smtpUrl: this.addresses['smtp'] ?? '',
      dataDir: join(home, 'data'),
      log,
      ...(mailboxDir === undefined ? {} : { mailboxDir }),
    });
    const { remit } = this;
    this.#started('Remit', () => remit.close());
    signal.throwIfAborted();
    remit.start();
  }

  async #http(): Promise<void> {
    const { log, ports } = this.#options;
    const report = (error: unknown): void => log.error({ err: error }, 'request failed');
    const api = createApi({
      remit: this.remit,
      token: this.token,
      addresses: this.addresses,
      namespace: this.namespace,
      report,
    });
    const serving = await serve(api, await freePort(ports.http));
    this.addresses['server'] = serving.url;
    this.#started('HTTP', serving.stop);
  }

  #watch(name: string, pid: number): void {
    this.#ours.push({ name, pid, birth: birthOf(pid) });
  }

  #started(name: string, stop: () => Promise<void>): void {
    this.#parts.push({ name, stop });
  }
}

async function answersAsDatabase(url: string): Promise<void> {
  const ledger = await Ledger.open(url, { connections: 1 }).catch((error: unknown) => {
    throw new EnvironmentError(
      `DATABASE_URL names a database that cannot be used (${messageOf(error)}); correct it, or unset DATABASE_URL to use our own`,
    );
  });
  await ledger.close();
}
