import type { ProvidedContext } from 'vitest';
import type { TestProject } from 'vitest/node';
import setup from '../test/support/stack.ts';

/** The servers a proof runs on: those of the test run, or its own. */
export type Servers = Pick<ProvidedContext, 'temporalAddress' | 'databaseUrl' | 'workflowBundle'>;

/** Brings up the servers the tests have, for as long as the work lasts. */
export async function withServers<T>(work: (servers: Servers) => Promise<T>): Promise<T> {
  const provided = new Map<string, unknown>();
  const stop = await setup({
    provide: (name: string, value: unknown) => provided.set(name, value),
  } as unknown as TestProject);
  try {
    return await work(Object.fromEntries(provided) as unknown as Servers);
  } finally {
    await stop();
  }
}
