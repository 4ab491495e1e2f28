import { expect, inject, it } from 'vitest';
import { KILL_POINTS } from '../../src/activities/guard-port.ts';
import { proveKills } from '../../proof/kills.ts';

it(
  'loses and repeats nothing when the Worker is killed once at each point between intent and outcome',
  { timeout: 60_000 },
  async () => {
    const servers = {
      temporalAddress: inject('temporalAddress'),
      databaseUrl: inject('databaseUrl'),
      workflowBundle: inject('workflowBundle'),
    };
    const tally = await proveKills(servers, { sends: 8, kills: KILL_POINTS.length }, () => undefined);
    expect(tally.failures).toEqual([]);
    expect(tally.passed).toBeGreaterThanOrEqual(8 + KILL_POINTS.length);
  },
);
