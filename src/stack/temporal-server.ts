import { Connection } from '@temporalio/client';
import { startChild } from './child.ts';
import { endLeftover, noteServer } from './leftover.ts';
import { freePort } from './ports.ts';

export interface TemporalServerOptions {
  /** The `temporal` command line program; its server must be 1.30 or newer, for Pause. */
  readonly cliPath: string;
  /** Where Workflows are kept; without it they end with the server. */
  readonly dbFile?: string;
  /** Preferred; the next free one is taken otherwise. */
  readonly port?: number;
  readonly uiPort?: number;
  readonly logFile: string;
}

export interface TemporalServer {
  /** `127.0.0.1:7233` */
  readonly address: string;
  readonly uiUrl: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** What jobs show in the Temporal UI and are found by. */
export const SEARCH_ATTRIBUTES = {
  RemitAgent: 'Keyword',
  RemitCharter: 'Keyword',
  RemitMode: 'Keyword',
  RemitLevel: 'Keyword',
  RemitOpenApprovals: 'Int',
} as const;

/** Starts Temporal's dev server with its UI on 127.0.0.1 and waits until it answers. @throws StartError */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const { dbFile } = options;
  if (dbFile !== undefined) await endLeftover(`${dbFile}.pid`);
  const port = await freePort(options.port);
  const uiPort = await freePort(options.uiPort);
  const address = `127.0.0.1:${port}`;
  const server = await startChild({
    part: 'the Temporal dev server',
    command: options.cliPath,
    args: serverArguments(port, uiPort, dbFile),
    logFile: options.logFile,
    stopSignal: 'SIGTERM',
    env: withoutTemporalSettings(process.env),
  });
  if (dbFile !== undefined) noteServer(`${dbFile}.pid`, server.pid);
  try {
    await server.untilAnswers(() => isReady(address));
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { address, uiUrl: `http://127.0.0.1:${uiPort}`, pid: server.pid, stop: server.stop };
}

function serverArguments(port: number, uiPort: number, dbFile: string | undefined): readonly string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
    ...[
      '--ui-disable-news-fetch',
      '--log-level',
      'warn',
      '--dynamic-config-value',
      'frontend.WorkflowPauseEnabled=true',
    ],
    ...Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
    ...(dbFile === undefined ? [] : ['--db-filename', dbFile]),
  ];
}

/** The person's own Temporal settings name some other server; they must not leak into ours. */
function withoutTemporalSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

/** Ready means the namespace is there and our search attributes are known, not merely that a port is open. */
async function isReady(address: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 }).catch(() => undefined);
  if (connection === undefined) return false;
  try {
    await connection.workflowService.describeNamespace({ namespace: 'default' });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    return Object.keys(SEARCH_ATTRIBUTES).every((name) => name in (customAttributes ?? {}));
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}
