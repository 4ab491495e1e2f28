import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decideStep } from '../../src/activities/decide-step.ts';
import type { Ruling } from '../../src/activities/ruling.ts';
import { attempt } from '../../src/activities/effect.ts';
import { decide } from '../../src/ledger/verdict.ts';
import { endJob } from '../../src/ledger/end-job.ts';
import { CHARTER, openDesk } from '../support/desk.ts';
import type { Desk } from '../support/desk.ts';
import { aCall, aRun, FRIEND } from '../support/guarded-call.ts';

const GATED_READS = CHARTER.replace(
  'gates:',
  'gates:\n  - { id: nosy, verb: read, record: desk.note, reason: somebody reads }',
);
const PERSON = { name: 'a reviewer', assurance: 'session', door: 'test' } as const;

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk({ charter: GATED_READS });
});
afterAll(() => desk.close());

const rule = (call: ReturnType<typeof aCall>) => decideStep(desk.remit.ledger, call);

async function approve(ruling: Ruling): Promise<void> {
  if (ruling.go !== 'ask') throw new Error(`the ruling is ${ruling.go}`);
  await decide(desk.remit.ledger, { requestId: ruling.request.request_id, verdict: 'approved', by: PERSON });
}

describe('an approval', () => {
  it('covers the repeat of a read whose first answer was lost', async () => {
    const call = aCall(desk, await aRun(desk), { action: 'desk.readNote', payload: { id: '1' } });
    await approve(await rule(call));
    expect(await rule(call)).toMatchObject({ go: 'read' });
    expect(await rule(call)).toMatchObject({ go: 'read' });
  });
});

describe('a step', () => {
  it('where something else was done already waits for a person', async () => {
    const run = await aRun(desk);
    expect(await rule(aCall(desk, run, { step: '1' }))).toMatchObject({ go: 'effect' });
    const other = await rule(aCall(desk, run, { step: '1', payload: { to: FRIEND, text: 'other' } }));
    expect(other).toMatchObject({ go: 'ask', request: { gates: ['guard:step-conflict'] } });
  });

  it('of a reset run waits for an operator', async () => {
    const ruling = await rule(aCall(desk, await aRun(desk, { reset: true })));
    expect(ruling).toMatchObject({ go: 'ask', request: { gates: ['guard:reset-run'] } });
  });

  it('of a job that has ended is denied', async () => {
    const run = await aRun(desk);
    await endJob(desk.remit.ledger, run.job.jobId);
    expect(await rule(aCall(desk, run))).toMatchObject({ go: 'denied', code: 'JOB_CLOSED' });
  });
});

describe('an effect', () => {
  it('has its intent in the ledger before it arrives', async () => {
    const prior: number[] = [];
    desk.sink.before = async (_to, key) => {
      const rows = await desk.remit.ledger.run((db) =>
        db.selectFrom('step').select('step').where('effect_key', '=', key).where('state', '=', 'intended').execute(),
      );
      prior.push(rows.length);
    };
    const handle = await desk.job(
      [[{ action: 'desk.send', input: { to: 'intent@friend.example', text: 'hi' } }]],
      'intent',
    );
    await handle.result();
    desk.sink.before = () => undefined;
    expect(prior).toEqual([1]);
  });

  it('does not begin after the deadline of its lease', async () => {
    const call = aCall(desk, await aRun(desk), { deadlineAt: Date.now() - 1 });
    const ruling = await rule(call);
    if (ruling.go !== 'effect') throw new Error(`the ruling is ${ruling.go}`);
    const late = attempt(desk.remit.port, call, ruling.intent, new AbortController().signal);
    await expect(late).rejects.toMatchObject({ type: 'NOT_DONE' });
    expect(desk.sink.sent.filter(({ key }) => key === ruling.intent.effectKey)).toEqual([]);
  });
});
