import { expect, inject, it } from 'vitest';
import { proveQueued } from '../../proof/queued.ts';
import { proveConcurrent } from '../../proof/races.ts';

const servers = {
  temporalAddress: inject('temporalAddress'),
  databaseUrl: inject('databaseUrl'),
  workflowBundle: inject('workflowBundle'),
};

it('lets no queued effect happen after a committed revocation', { timeout: 60_000 }, async () => {
  const tally = await proveQueued(servers, { trials: 10, atOnce: 4 }, () => undefined);
  expect(tally.failures).toEqual([]);
  expect(tally.counts).toContainEqual(['of these that did not happen', 10]);
});

it('lets no decision commit after a revocation it raced', async () => {
  const tally = await proveConcurrent(servers, 10, () => undefined);
  expect(tally.failures).toEqual([]);
  expect(tally.passed).toBe(10);
});
