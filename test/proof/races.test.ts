import { expect, inject, it } from 'vitest';
import { proveRaces } from '../../proof/races.ts';

it(
  'stops 10 of 10 effects that were queued before a revocation committed, and lets no intent commit after one',
  { timeout: 60_000 },
  async () => {
    const servers = {
      temporalAddress: inject('temporalAddress'),
      databaseUrl: inject('databaseUrl'),
      workflowBundle: inject('workflowBundle'),
    };
    const tally = await proveRaces(servers, { queued: 10, rounds: 3, storms: 1 }, () => undefined);
    expect(tally.failures).toEqual([]);
    expect(tally.counts).toContainEqual(['of them stopped', 10]);
  },
);
