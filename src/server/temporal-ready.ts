import { Connection } from '@temporalio/client';
import { RemitError } from '../policy/error.ts';
import { SEARCH_ATTRIBUTES } from '../stack/temporal-server.ts';

const TYPE = { Keyword: 2, Int: 3 } as const;

/** A server of the environment's that we cannot work with, and what to do. */
export class EnvironmentError extends RemitError {
  override readonly name = 'EnvironmentError';
  readonly code = 'ENVIRONMENT_UNUSABLE';
}

/** Makes sure a Temporal server of somebody else's answers and knows our search attributes. @throws EnvironmentError */
export async function readyTemporal(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 5_000 }).catch((error: unknown) => {
    throw new EnvironmentError(
      `TEMPORAL_ADDRESS is \`${address}\`, but nothing answers there (${messageOf(error)}); start that server, or unset TEMPORAL_ADDRESS to use our own`,
    );
  });
  try {
    await addSearchAttributes(connection, namespace);
  } finally {
    await connection.close();
  }
}

async function addSearchAttributes({ operatorService }: Connection, namespace: string): Promise<void> {
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => !(name in (customAttributes ?? {})));
    if (missing.length === 0) return;
    const searchAttributes = Object.fromEntries(missing.map(([name, type]) => [name, TYPE[type]]));
    await operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    const wanted = Object.entries(SEARCH_ATTRIBUTES)
      .map(([name, type]) => `${name}=${type}`)
      .join(' ');
    throw new EnvironmentError(
      `namespace \`${namespace}\` needs the search attributes ${wanted}, and adding them failed (${messageOf(error)}); add them with \`temporal operator search-attribute create\``,
    );
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
