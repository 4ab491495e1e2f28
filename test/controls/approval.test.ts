import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decide } from '../../src/ledger/verdict.ts';
import { findRequest } from '../../src/ledger/approval.ts';
import { takeDue } from '../../src/ledger/outbox.ts';
import { HOUSE } from '../support/desk.ts';
import { friendOf, openGuardBench } from '../support/guard-bench.ts';
import type { Answer, Bench } from '../support/guard-bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openGuardBench();
});
afterEach(() => bench.close());

const LONG = 'one two three';
const send = (text: string) => ({ action: 'desk.send', input: { to: friendOf('job'), text } });
const person = { name: 'dana', assurance: 'session', door: 'test' } as const;
const stateOf = async ({ requestId = '' }: Answer) =>
  (await bench.ledger.run((db) => findRequest(db, requestId)))?.state;

async function approve({ requestId = '' }: Answer): Promise<void> {
  expect(await decide(bench.ledger, { requestId, verdict: 'approved', by: person })).toMatchObject({ counted: true });
}

describe('an approval', () => {
  it('is spent by its effect', async () => {
    const asked = await bench.act(send(LONG));
    await approve(asked);
    expect(await bench.act(send(LONG))).toMatchObject({ outcome: 'done' });
    expect(await stateOf(asked)).toBe('spent');
  });

  it('passes the payload it was given for and no other', async () => {
    await approve(await bench.act(send(LONG)));
    expect(await bench.act(send('four five six'))).toMatchObject({ outcome: 'ApprovalRequired' });
    expect(bench.sink.sent).toEqual([]);
  });

  it('passes the gates it showed and no other', async () => {
    const asked = await bench.act(send(LONG));
    await approve(asked);
    await bench.ledger.run((db) =>
      db.updateTable('approval_request').set({ gates: '["charter:some-other-gate"]' }).execute(),
    );
    expect(await bench.act(send(LONG))).toMatchObject({ outcome: 'ApprovalRequired' });
    expect(bench.sink.sent).toEqual([]);
  });

  it('passes the facts it showed and no other', async () => {
    await approve(await bench.act(send(LONG)));
    await bench.ledger.run((db) =>
      db
        .updateTable('approval_request')
        .set({ sources_digest: '0'.repeat(64) })
        .execute(),
    );
    expect(await bench.act(send(LONG))).toMatchObject({ outcome: 'ApprovalRequired' });
    expect(bench.sink.sent).toEqual([]);
  });

  it('rings the job that waits, in the same transaction', async () => {
    const asked = await bench.act(send(LONG));
    await approve(asked);
    expect(await takeDue(bench.ledger, 10)).toMatchObject([{ workflowId: 'job', requestId: asked.requestId }]);
  });
});

describe('a verdict', () => {
  it('counts only from somebody known as well as the house asks', async () => {
    const strict = await openGuardBench({ house: HOUSE.replace('verdict: unverified', 'verdict: signed') });
    try {
      const { requestId = '' } = await strict.act(send(LONG));
      expect(await decide(strict.ledger, { requestId, verdict: 'approved', by: person })).toMatchObject({
        counted: false,
      });
      expect(await strict.act(send(LONG))).toMatchObject({ outcome: 'ApprovalRequired' });
    } finally {
      await strict.close();
    }
  });

  it('is not the agent’s own to give', async () => {
    const { requestId = '' } = await bench.act(send(LONG));
    expect(
      await decide(bench.ledger, { requestId, verdict: 'approved', by: { ...person, name: 'desk-clerk' } }),
    ).toMatchObject({ counted: false });
  });

  it('is not taken from a Workflow that brings it along as an argument', async () => {
    const asked = await bench.act(send(LONG));
    await bench.act({ action: 'recordSignals', input: { requestId: asked.requestId, verdict: 'approved' } });
    expect(await stateOf(asked)).toBe('open');
  });

  it('does not count after the request has expired', async () => {
    const { requestId = '' } = await bench.act(send(LONG));
    bench.clock.ahead = 2 * 3_600_000;
    expect(await decide(bench.ledger, { requestId, verdict: 'approved', by: person })).toMatchObject({
      counted: false,
    });
  });
});
