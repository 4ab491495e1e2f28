import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES, startTemporalServer } from '../../stack/temporal-server.ts';
import { CliError, EXIT } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { messageOf } from './parts.ts';
import type { UpSettings } from './settings.ts';

export interface Temporal {
  readonly address: string;
  readonly uiUrl?: string;
  /** Of a server of ours. */
  readonly pid?: number;
  readonly stop: () => Promise<void>;
}

/** Temporal's dev server, or the server that TEMPORAL_ADDRESS names. @throws CliError, StartError */
export async function openTemporal(settings: UpSettings, { out, env }: Pick<Io, 'out' | 'env'>): Promise<Temporal> {
  const { temporalAddress, home, ports, fresh, temporalCli } = settings;
  if (temporalAddress !== undefined)
    return useTemporal(temporalAddress, settings.namespace ?? 'default', env['TEMPORAL_UI_URL']);
  if (temporalCli === undefined)
    throw new CliError(
      EXIT.failed,
      'there is no Temporal CLI here: `npm start` fetches one; or install it (https://docs.temporal.io/cli), or set TEMPORAL_ADDRESS',
    );
  out("Starting Temporal's dev server ...");
  return startTemporalServer({
    cliPath: temporalCli,
    ...(fresh ? {} : { dbFile: join(home, 'temporal.db') }),
    port: ports.temporal,
    uiPort: ports.temporalUi,
    logFile: join(home, 'logs/temporal.log'),
  });
}

/** A server of somebody else's: it is reached and given our search attributes, and never stopped. */
async function useTemporal(address: string, namespace: string, uiUrl: string | undefined): Promise<Temporal> {
  const connection = await Connection.connect({ address, connectTimeout: 10_000 }).catch((error: unknown) => {
    throw new CliError(
      EXIT.failed,
      `Temporal at \`${address}\` (TEMPORAL_ADDRESS) does not answer: ${messageOf(error)}; start it, or unset TEMPORAL_ADDRESS to use a local one`,
    );
  });
  try {
    await addSearchAttributes(connection, namespace);
  } finally {
    await connection.close();
  }
  return { address, ...(uiUrl === undefined ? {} : { uiUrl }), stop: async () => undefined };
}

const TYPES = { Keyword: 2, Int: 3 } as const; // temporal.api.enums.v1.IndexedValueType

async function addSearchAttributes({ operatorService }: Connection, namespace: string): Promise<void> {
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => !(name in (customAttributes ?? {})));
    if (missing.length === 0) return;
    const searchAttributes = Object.fromEntries(missing.map(([name, type]) => [name, TYPES[type]]));
    await operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    const names = Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => `${name}=${type}`);
    throw new CliError(
      EXIT.failed,
      `the search attributes of Remit could not be added to namespace \`${namespace}\`: ${messageOf(error)}; add them by hand: ${names.join(', ')}`,
    );
  }
}
