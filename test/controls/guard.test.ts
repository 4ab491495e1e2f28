import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NotDoneError } from '../../src/activities/not-done-error.ts';
import { readPolicy } from '../../src/charters/read-policy.ts';
import { putCharter } from '../../src/ledger/charter.ts';
import { revoke } from '../../src/ledger/revocation.ts';
import { RemitPlugin } from '../../src/plugin.ts';
import { CHARTER, HOUSE } from '../support/desk.ts';
import { friendOf, openGuardBench } from '../support/guard-bench.ts';
import type { Bench } from '../support/guard-bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openGuardBench();
});
afterEach(() => bench.close());

const OPERATOR = { name: 'operator', assurance: 'session', door: 'test' } as const;
const send = (text = 'hello', to = friendOf('job')) => ({ action: 'desk.send', input: { to, text } });
const stop = () =>
  revoke(bench.ledger, {
    kind: 'disable',
    scope: { kind: 'charter', value: 'desk-work' },
    readsToo: false,
    reason: 'stop',
    by: OPERATOR,
  });

describe('the guard', () => {
  it('stands before every Activity of a Worker, and an action reached without it is refused', async () => {
    const options = new RemitPlugin(bench.port, []).configureWorker({ taskQueue: 'any', workflowBundle: { code: '' } });
    expect(options.interceptors?.activity).toHaveLength(1);
    const actions = options.activities as Readonly<Record<string, () => Promise<unknown>>>;
    await expect(actions['desk.send']?.()).rejects.toThrow('GUARD_MISSING');
  });

  it('lets nothing happen that policy denies', async () => {
    expect(await bench.act(send('hello', 'stranger@else.example'))).toMatchObject({
      outcome: 'Denied',
      code: 'NOT_PERMITTED',
    });
    expect(bench.sink.sent).toEqual([]);
  });

  it('denies an action that comes without the gate', async () => {
    expect(await bench.act({ ...send(), gate: false })).toMatchObject({ code: 'GATE_NOT_INSTALLED' });
    expect(bench.sink.sent).toEqual([]);
  });

  it('denies an action that belongs to no Workflow', async () => {
    expect(await bench.act({ ...send(), standalone: true })).toMatchObject({ code: 'STANDALONE_ACTIVITY' });
    expect(bench.sink.sent).toEqual([]);
  });

  it('reads the revocations that are live', async () => {
    await stop();
    expect(await bench.act(send())).toMatchObject({ outcome: 'Denied', code: 'REVOKED' });
    expect(bench.sink.sent).toEqual([]);
  });

  it('follows the charter in force, not the one the Worker holds', async () => {
    await bench.act(send());
    const charterText = CHARTER.replace(/ {2}- \{ id: send-messages.*\n/, '');
    const vocabulary = bench.port.registry.vocabulary();
    const newer = { charterFile: 'desk', charterText, houseFile: 'house', houseText: HOUSE, vocabulary };
    await putCharter(bench.ledger, readPolicy(newer), 'a test');
    expect(await bench.act({ ...send(), activityId: '2' })).toMatchObject({ code: 'NOT_PERMITTED' });
    expect(bench.sink.sent).toHaveLength(1);
  });

  it('does a step once, however often it is asked', async () => {
    await bench.act(send());
    expect(await bench.act(send())).toMatchObject({ outcome: 'done' });
    expect(bench.sink.sent).toHaveLength(1);
  });

  it('counts what was done against the limits', async () => {
    expect(await sixSends()).toEqual(['done', 'done', 'done', 'done', 'done', 'Denied']);
  });

  it('gives back what a send that certainly did not happen had used up', async () => {
    bench.sink.before = () => {
      throw new NotDoneError('the line is down', { retryable: false });
    };
    expect(await bench.act({ ...send(), activityId: '0' })).toMatchObject({ outcome: 'NOT_DONE' });
    bench.sink.before = () => undefined;
    expect(await sixSends()).toEqual(['done', 'done', 'done', 'done', 'done', 'Denied']);
  });

  async function sixSends(): Promise<readonly string[]> {
    const outcomes: string[] = [];
    for (let index = 1; index <= 6; index++)
      outcomes.push((await bench.act({ ...send(`n${index}`), activityId: `${index}` })).outcome);
    return outcomes;
  }
});

describe('an effect whose outcome was lost', () => {
  beforeEach(() => {
    bench.sink.before = (to, key) => {
      bench.sink.sent.push({ to, key, text: 'arrived' });
      throw new Error('the answer was lost');
    };
  });

  it('is in doubt when the target cannot be asked, and nobody sends it again', async () => {
    expect(await bench.act(send())).toMatchObject({ code: 'OUTCOME_LOST' });
    bench.clock.ahead = 60_000;
    expect(await bench.act(send())).toMatchObject({ outcome: 'Denied', code: 'IN_DOUBT' });
    expect(bench.sink.sent).toHaveLength(1);
  });

  it('is left alone until its lease is over, and then found at the target', async () => {
    const post = { action: 'desk.post', input: { to: friendOf('job'), text: 'x' } };
    await bench.act(post);
    expect(await bench.act(post)).toMatchObject({ outcome: 'Leased' });
    bench.clock.ahead = 60_000;
    expect(await bench.act(post)).toMatchObject({ outcome: 'done' });
    expect(bench.sink.sent).toHaveLength(1);
  });
});
