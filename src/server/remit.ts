import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { WorkflowBundleOption } from '@temporalio/worker';
import type { Bindings } from '../activities/admission.ts';
import type { DecisionLog, GuardPort } from '../activities/guard-port.ts';
import { Sweeper } from '../activities/sweeper.ts';
import type { OpenApp, RemitApp } from '../app.ts';
import { CredentialBroker } from '../identity/credential.ts';
import { Ledger } from '../ledger/ledger.ts';
import { openGuardPort, RemitPlugin } from '../plugin.ts';

export const TASK_QUEUE = 'remit';

export interface RemitSettings {
  readonly app: RemitApp;
  /** `host:port` */
  readonly temporalAddress: string;
  readonly namespace?: string;
  /** `postgres://…` of the ledger; the app keeps its own schema in the same server. */
  readonly databaseUrl: string;
  readonly smtpUrl: string;
  /** A folder of ours for keys, drafts and the like. */
  readonly dataDir: string;
  readonly mailboxDir?: string;
  readonly taskQueue?: string;
  readonly log: DecisionLog;
  /** A bundle made ahead; the Worker makes its own otherwise. */
  readonly workflowBundle?: WorkflowBundleOption;
  /** Charters of Workflow types other than `agentJob`. */
  readonly bindings?: Bindings;
  readonly leaseMarginMs?: number;
  readonly reached?: GuardPort['reached'];
}

/** One running Remit: ledger, guard, Worker and sweeper for one app. */
export class Remit {
  readonly app: OpenApp;
  readonly client: Client;
  readonly port: GuardPort;
  readonly sweeper: Sweeper;
  readonly taskQueue: string;
  readonly #worker: Worker;
  readonly #connections: readonly { close: () => Promise<void> }[];
  #running: Promise<void> | undefined;

  private constructor(
    parts: Pick<Remit, 'app' | 'client' | 'port' | 'sweeper' | 'taskQueue'> & {
      worker: Worker;
      connections: readonly { close: () => Promise<void> }[];
    },
  ) {
    this.app = parts.app;
    this.client = parts.client;
    this.port = parts.port;
    this.sweeper = parts.sweeper;
    this.taskQueue = parts.taskQueue;
    this.#worker = parts.worker;
    this.#connections = parts.connections;
  }

  get ledger(): Ledger {
    return this.port.ledger;
  }

  /** Opens everything and starts nothing. @throws CharterError, LedgerUnavailableError */
  static async open(settings: RemitSettings): Promise<Remit> {
    const { app: declared, databaseUrl, smtpUrl, dataDir, mailboxDir, temporalAddress, log } = settings;
    const ledger = await Ledger.open(databaseUrl);
    const credentials = await CredentialBroker.open(join(dataDir, 'credential-key.json'));
    const app = await declared.open({
      databaseUrl,
      smtpUrl,
      dataDir,
      ...(mailboxDir === undefined ? {} : { mailboxDir }),
    });
    const connection = await Connection.connect({ address: temporalAddress });
    const client = new Client({ connection, namespace: settings.namespace ?? 'default' });
    const { chartersDir, houseRulesFile } = declared;
    const { bindings, leaseMarginMs, reached } = settings;
    const port = await openGuardPort({
      ...app,
      ledger,
      client,
      credentials,
      chartersDir,
      houseRulesFile,
      log,
      ...(bindings === undefined ? {} : { bindings }),
      ...(leaseMarginMs === undefined ? {} : { leaseMarginMs }),
      ...(reached === undefined ? {} : { reached }),
    });
    const native = await NativeConnection.connect({ address: temporalAddress });
    const taskQueue = settings.taskQueue ?? TASK_QUEUE;
    const { workflowBundle } = settings;
    const worker = await Worker.create({
      connection: native,
      namespace: settings.namespace ?? 'default',
      taskQueue,
      plugins: [new RemitPlugin(port, app.brains)],
      shutdownGraceTime: '5 seconds',
      ...(workflowBundle === undefined ? {} : { workflowBundle }),
    });
    const sweeper = new Sweeper({ ledger, client, log });
    return new Remit({ app, client, port, sweeper, taskQueue, worker, connections: [connection, native] });
  }

  start(): void {
    this.#running = this.#worker.run();
    this.sweeper.start();
  }

  isRunning(): boolean {
    return this.#worker.getState() === 'RUNNING';
  }

  /** Resolves when the Worker ends; rejects when it fails. */
  async ended(): Promise<void> {
    await this.#running;
  }

  async close(): Promise<void> {
    await this.sweeper.stop();
    if (this.#running !== undefined) {
      if (this.#worker.getState() === 'RUNNING') this.#worker.shutdown();
      await this.#running.catch(() => undefined);
    }
    const closed = Promise.all(this.#connections.map((connection) => connection.close()));
    // A Worker that never ran keeps its connection, and cannot be told to let go without polling for work.
    await (this.#running === undefined ? closed.catch(() => undefined) : closed);
    await this.app.close();
    await this.ledger.close();
  }
}
