import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putCharter } from '../../src/ledger/charter.ts';
import { admitReset, findJob } from '../../src/ledger/job.ts';
import { decide } from '../../src/ledger/verdict.ts';
import { revisionOf } from '../../src/charters/read-policy.ts';
import { CHARTER, HOUSE } from '../support/desk.ts';
import { friendOf, openGuardBench } from '../support/guard-bench.ts';
import type { Bench } from '../support/guard-bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openGuardBench();
});
afterEach(() => bench.close());

const OPERATOR = { name: 'operator', assurance: 'session', door: 'test' } as const;
const STRANGER = { name: 'somebody', assurance: 'unverified', door: 'signal' } as const;
const send = (text = 'hello', to = friendOf('job')) => ({ action: 'desk.send', input: { to, text } });

describe('what comes again', () => {
  it('asks first in whatever goes on from a reset run', async () => {
    await bench.act({ ...send(), run: 'a' });
    const onwards = { ...send(), run: 'b', before: { run: 'a-reset', originalRun: 'a' } };
    expect(await bench.act(onwards)).toMatchObject({ outcome: 'ApprovalRequired' });
    expect(bench.sink.sent).toHaveLength(1);
    const job = await bench.ledger.run((db) => findJob(db, 'job'));
    await admitReset(bench.ledger, job?.jobId ?? '', OPERATOR);
    expect(await bench.act({ ...onwards, activityId: '2' })).toMatchObject({ outcome: 'done' });
  });

  it('does nothing again when Temporal retries the run', async () => {
    await bench.act({ ...send(), run: 'a' });
    expect(await bench.act({ ...send(), run: 'b', before: { run: 'a' }, isRetry: true })).toMatchObject({
      outcome: 'done',
    });
    expect(bench.sink.sent).toHaveLength(1);
  });

  it('is new work in a run that continues as new', async () => {
    await bench.act({ ...send(), run: 'a' });
    await bench.act({ ...send(), run: 'b', before: { run: 'a' } });
    expect(bench.sink.sent).toHaveLength(2);
  });

  it('denies an effect as a local Activity', async () => {
    expect(await bench.act({ ...send(), isLocal: true })).toMatchObject({ code: 'LOCAL_EFFECT' });
    expect(bench.sink.sent).toEqual([]);
  });

  it.each(['1~abcdef012345', 'x/1', 'n\0l'])(
    'denies an Activity id that could name another step’s place: %j',
    async (activityId) => {
      expect(await bench.act({ ...send(), activityId })).toMatchObject({ code: 'STEP_REJECTED' });
      expect(bench.sink.sent).toEqual([]);
    },
  );
});

describe('what is asked of people', () => {
  it('asks again when the house has come to ask for somebody better known', async () => {
    const asked = await bench.act(send('one two three'));
    const houseText = HOUSE.replace('verdict: unverified', 'verdict: session');
    const revision = revisionOf(CHARTER, houseText);
    await putCharter(bench.ledger, { charter: 'desk-work', revision, charterText: CHARTER, houseText }, 'a test');
    await decide(bench.ledger, { requestId: asked.requestId ?? '', verdict: 'approved', by: STRANGER });
    const again = await bench.act(send('one two three'));
    expect(again).toMatchObject({ outcome: 'ApprovalRequired' });
    expect(again.requestId).not.toBe(asked.requestId);
    expect(bench.sink.sent).toEqual([]);
  });

  it('asks again when an approval was given and not used in time', async () => {
    const asked = await bench.act(send('one two three'));
    await decide(bench.ledger, { requestId: asked.requestId ?? '', verdict: 'approved', by: OPERATOR });
    bench.clock.ahead = 2 * 3_600_000;
    expect(await bench.act(send('one two three'))).toMatchObject({ outcome: 'ApprovalRequired' });
    expect(bench.sink.sent).toEqual([]);
  });
});

describe('what is counted', () => {
  const withLimit = CHARTER.replace(
    'limits:',
    'limits:\n  - { id: reads-per-case, verb: read, record: desk.note, per: case, atMost: 2 }',
  );
  const withCount = CHARTER.replace(
    'gates:',
    'gates:\n  - { id: once-only, verb: send, record: desk.message, when: { "past.counts.send desk.message": { atLeast: 1 } }, reason: one was sent already }',
  );

  it('holds limits on reads too', async () => {
    await using limited = await opened({ charter: withLimit });
    const outcomes: (string | undefined)[] = [];
    for (const activityId of ['1', '2', '3'])
      outcomes.push((await limited.bench.act({ action: 'desk.readNote', input: { id: '1' }, activityId })).outcome);
    expect(outcomes).toEqual(['done', 'done', 'Denied']);
  });

  it('sees an effect from its intent on, not only once it is over', async () => {
    await using counted = await opened({ charter: withCount });
    counted.bench.sink.before = () => Promise.reject(new Error('lost'));
    await counted.bench.act({ ...send(), activityId: '1' });
    expect(await counted.bench.act({ ...send(), activityId: '2' })).toMatchObject({ outcome: 'ApprovalRequired' });
  });
});

async function opened(options: Parameters<typeof openGuardBench>[0]) {
  const own = await openGuardBench(options);
  return { bench: own, [Symbol.asyncDispose]: () => own.close() };
}

it('knows a job by its own id, whatever a Workflow is called', async () => {
  await bench.act(send());
  const job = await bench.ledger.run((db) => findJob(db, 'job'));
  const jobId = job?.jobId ?? '';
  await bench.act({ ...send('hello', friendOf(jobId)), job: jobId });
  expect((await bench.ledger.run((db) => findJob(db, jobId)))?.workflowId).toBe('job');
});
