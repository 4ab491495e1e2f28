import { afterAll, beforeAll, expect, it } from 'vitest';
import { decideStep } from '../../src/activities/decide-step.ts';
import { decide, findRequest, openRequests } from '../../src/ledger/approval.ts';
import { HOUSE, openDesk } from '../support/desk.ts';
import type { Desk } from '../support/desk.ts';
import { aCall, aRun, FRIEND } from '../support/guarded-call.ts';
import { until } from '../support/until.ts';

const STRICT = HOUSE.replace('verdict: unverified', 'verdict: session');
const SESSION = { name: 'a reviewer', assurance: 'session', door: 'test' } as const;

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk({ house: STRICT, bindings: { selfApproving: ['desk-work'] } });
});
afterAll(() => desk.close());

async function asked(): Promise<string> {
  const call = aCall(desk, await aRun(desk), { payload: { to: FRIEND, text: 'one two three' } });
  const ruling = await decideStep(desk.remit.ledger, call);
  if (ruling.go !== 'ask') throw new Error(`the ruling is ${ruling.go}`);
  return ruling.request.request_id;
}

async function waitingRequest(workflowId: string): Promise<string> {
  const { request_id } = await until(async () =>
    (await desk.remit.ledger.run((db) => openRequests(db))).find((request) => request.workflow_id === workflowId),
  );
  return request_id;
}

it.each([
  ['of somebody less sure than the house asks', { ...SESSION, assurance: 'unverified' }],
  ['of the agent itself', { ...SESSION, name: 'desk-clerk' }],
] as const)('does not count an approval %s', async (_who, by) => {
  const requestId = await asked();
  expect(await decide(desk.remit.ledger, { requestId, verdict: 'approved', by })).toMatchObject({ counted: false });
  expect(await desk.remit.ledger.run((db) => findRequest(db, requestId))).toMatchObject({ state: 'open' });
});

it('wakes a waiting job when a person decides outside of Temporal', async () => {
  const handle = await desk.job(
    [[{ action: 'desk.send', input: { to: 'rung@friend.example', text: 'one two three' } }]],
    'rung',
  );
  const requestId = await waitingRequest('rung');
  await decide(desk.remit.ledger, { requestId, verdict: 'approved', by: SESSION });
  const soon = new Promise((resolve) => setTimeout(resolve, 8_000, 'it still waits'));
  expect(await Promise.race([handle.result(), soon])).toMatchObject({ calls: [{ outcome: 'done' }] });
});

it('believes no Workflow that says its own request was approved', async () => {
  const { client } = desk.remit;
  const about = { friend: 'self@friend.example' };
  const call = { action: 'desk.send', input: { to: about.friend, text: 'one two three' } };
  const handle = await client.workflow.start('selfApproving', {
    taskQueue: desk.taskQueue,
    workflowId: 'self',
    args: [about, call],
  });
  const requestId = await waitingRequest('self');
  await handle.signal('itsRequest', requestId);
  await handle.result();
  const verdicts = await desk.remit.ledger.run((db) =>
    db.selectFrom('verdict').selectAll().where('request_id', '=', requestId).execute(),
  );
  expect(verdicts).toEqual([]);
  expect(desk.sink.sent.filter(({ to }) => to === about.friend)).toEqual([]);
});
