import { decideStep } from '../src/activities/decide-step.ts';
import { restore, revoke } from '../src/ledger/revocation.ts';
import type { Receipt } from '../src/ledger/revocation.ts';
import type { Scope } from '../src/policy/revocation.ts';
import type { Run } from '../src/ledger/job.ts';
import { openDesk } from '../test/support/desk.ts';
import type { Desk } from '../test/support/desk.ts';
import { freshDatabase } from '../test/support/database.ts';
import { aCall, aRun, FRIEND } from '../test/support/guarded-call.ts';
import { forgetCommits, lateIntents, orderCommits } from './commit-order.ts';
import { proveQueued } from './queued.ts';
import { report } from './report.ts';
import { withServers } from './servers.ts';
import type { Servers } from './servers.ts';
import { Tally } from './tally.ts';
import type { Say } from './tally.ts';

const JOBS = 4;
const DECIDERS_PER_JOB = 2;
const OPERATOR = { name: 'an operator', assurance: 'session', door: 'proof' } as const;

/** Many decisions against one revocation, again and again: none commits after it. */
export async function proveConcurrent(servers: Servers, rounds: number, say: Say): Promise<Tally> {
  const tally = new Tally();
  const database = await freshDatabase(servers.databaseUrl);
  const desk = await openDesk({ ...servers, databaseUrl: database.url });
  let intents = 0;
  try {
    await orderCommits(desk.remit.ledger);
    const runs = await Promise.all(Array.from({ length: JOBS }, () => aRun(desk)));
    for (let round = 0; round < rounds; round++) {
      intents += await raceOnce(desk, runs, scopeOf(round), tally, round);
      if ((round + 1) % 25 === 0)
        say(`${round + 1} of ${rounds} revocations against ${JOBS * DECIDERS_PER_JOB} deciders`);
    }
  } finally {
    await desk.close();
    await database.drop();
  }
  tally.count('revocations against concurrent decisions', rounds);
  tally.count('intents committed before them', intents);
  return tally;
}

function scopeOf(round: number): Scope {
  const scopes: readonly Scope[] = [
    { kind: 'everything' },
    { kind: 'agent', value: 'desk-clerk' },
    { kind: 'charter', value: 'desk-work' },
  ];
  return scopes[round % scopes.length] ?? { kind: 'everything' };
}

/**
 * Two witnesses: the database numbers the commits of intents and revocations; and the receipt lists the open intents as
 * the revocation's own transaction saw them under its lock, of which there must be no more in the end.
 */
async function raceOnce(desk: Desk, runs: readonly Run[], scope: Scope, tally: Tally, round: number): Promise<number> {
  const { ledger } = desk.remit;
  const stop = new AbortController();
  const deciding = runs.flatMap((run) =>
    Array.from({ length: DECIDERS_PER_JOB }, () => decideUntil(stop.signal, desk, run)),
  );
  await pause(10 + ((round * 7) % 30));
  const receipt: Receipt = await revoke(ledger, {
    kind: 'disable',
    scope,
    readsToo: false,
    reason: 'proof',
    by: OPERATOR,
  });
  await pause(30);
  stop.abort();
  await Promise.all(deciding);
  const intended = await ledger.run((db) =>
    db.selectFrom('step').select('step').where('state', '=', 'intended').execute(),
  );
  const { early, late } = await lateIntents(ledger, receipt.revocationId);
  const same = intended.length === early && receipt.stillFinishing.length === early;
  tally.check(
    late === 0 && early > 0 && same,
    `round ${round}: ${late} of ${intended.length} intents after the revocation`,
  );
  await restore(ledger, receipt.revocationId, OPERATOR);
  await ledger.run((db) => db.deleteFrom('step').execute());
  await forgetCommits(ledger);
  return early;
}

async function decideUntil(signal: AbortSignal, desk: Desk, run: Run): Promise<void> {
  while (!signal.aborted)
    await decideStep(
      desk.remit.ledger,
      aCall(desk, run, { action: 'desk.post', payload: { to: FRIEND, text: 'hello' } }),
    );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.main) {
  const startedAt = Date.now();
  const tally = await withServers(async (servers) => {
    const queued = await proveQueued(servers, { trials: 200, atOnce: 20 }, console.log);
    return queued.with(await proveConcurrent(servers, 200, console.log));
  });
  const claim =
    'A committed revocation wins. An effect already queued in Temporal, with the Workflow Worker stopped, does not happen once the revocation is committed; and of many decisions racing one revocation none commits after it.';
  await report({ name: 'races', claim }, tally, startedAt);
}
