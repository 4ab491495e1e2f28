import { afterAll, beforeAll, expect, it } from 'vitest';
import { decide } from '../../src/ledger/verdict.ts';
import { openRequests } from '../../src/ledger/approval.ts';
import { HOUSE, openDesk } from '../support/desk.ts';
import type { Desk } from '../support/desk.ts';
import { until } from '../support/until.ts';

const STRICT = HOUSE.replace('verdict: unverified', 'verdict: session');
const SESSION = { name: 'a reviewer', assurance: 'session', door: 'test' } as const;

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk({ house: STRICT, bindings: { selfApproving: ['desk-work'] } });
});
afterAll(() => desk.close());

async function waitingRequest(workflowId: string): Promise<string> {
  const { request_id } = await until(async () =>
    (await desk.remit.ledger.run((db) => openRequests(db))).find((request) => request.workflow_id === workflowId),
  );
  return request_id;
}

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
