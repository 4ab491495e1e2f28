import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decide } from '../../src/ledger/verdict.ts';
import { findRequest } from '../../src/ledger/approval.ts';
import { listDrafts } from '../../src/ledger/draft.ts';
import { Sweeper } from '../../src/activities/sweeper.ts';
import { findJob } from '../../src/ledger/job.ts';
import { openDesk } from '../support/desk.ts';
import type { Desk } from '../support/desk.ts';
import { until } from '../support/until.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const person = { name: 'dana', assurance: 'session', door: 'cli' } as const;
const long = (id: string) => ({ action: 'desk.send', input: { to: `${id}@friend.example`, text: 'one two three' } });

describe('a verdict given at the ledger', () => {
  it('wakes its job by a ring, before the wait looks again by itself', async () => {
    const id = 'sweep-ring';
    const handle = await desk.job([[long(id)]], id);
    const { request_id: requestId } = await desk.requestOf(id);
    expect(await decide(desk.remit.ledger, { requestId, verdict: 'approved', by: person })).toMatchObject({
      counted: true,
    });
    expect(await handle.result()).toMatchObject({ calls: [{ outcome: 'done' }] });
    const { events } = await handle.fetchHistory();
    expect(events?.some((event) => event.workflowExecutionSignaledEventAttributes?.signalName === 'ring')).toBe(true);
    expect(events?.some((event) => event.timerFiredEventAttributes != null)).toBe(false);
  });

  it('finds its job also when every ring is lost', { timeout: 60_000 }, async () => {
    await desk.remit.sweeper.stop();
    const id = 'sweep-lost';
    const handle = await desk.job([[long(id)]], id);
    const { request_id: requestId } = await desk.requestOf(id);
    await decide(desk.remit.ledger, { requestId, verdict: 'approved', by: person });
    expect(await handle.result()).toMatchObject({ calls: [{ outcome: 'done' }] });
  });
});

describe('a sweep', () => {
  it('ends a request whose time is over as a draft, never as permission', async () => {
    const id = 'sweep-expire';
    const handle = await desk.job([[long(id)]], id);
    const { request_id: requestId } = await desk.requestOf(id);
    await desk.remit.ledger.run((db) =>
      db.updateTable('approval_request').set({ expires_at: 1 }).where('request_id', '=', requestId).execute(),
    );
    await desk.remit.sweeper.sweep();
    await desk.remit.sweeper.deliverRings();
    expect(await handle.result()).toMatchObject({ calls: [{ outcome: 'held' }] });
    expect(desk.sink.sent.filter(({ to }) => to.startsWith(id))).toHaveLength(0);
    const drafts = await desk.remit.ledger.run((db) => listDrafts(db, { all: false }));
    expect(drafts.some(({ sentence }) => sentence.includes(id))).toBe(true);
  });

  it('lets no request of a paused job expire, also over a time in which nobody swept', async () => {
    const id = 'sweep-paused';
    const handle = await desk.job([[long(id)]], id);
    const { request_id: requestId } = await desk.requestOf(id);
    const pause = { namespace: 'default', workflowId: id, identity: 'test', reason: 'night', requestId: 'pause-1' };
    await desk.remit.client.workflowService.pauseWorkflowExecution(pause);
    await until(async () => {
      for await (const each of desk.remit.client.workflow.list({ query: 'ExecutionStatus = "Paused"' }))
        if (each.workflowId === id) return true;
      return undefined;
    });
    const now = desk.remit.ledger.now();
    await desk.remit.ledger.run((db) =>
      db
        .updateTable('sweep')
        .set({ swept_at: now - 3_600_000 })
        .execute(),
    );
    await desk.remit.ledger.run((db) =>
      db
        .updateTable('approval_request')
        .set({ expires_at: now - 60_000 })
        .where('request_id', '=', requestId)
        .execute(),
    );
    const other = new Sweeper({
      ledger: desk.remit.ledger,
      client: desk.remit.client,
      log: { info: () => undefined, warn: () => undefined },
    });
    await Promise.all([desk.remit.sweeper.sweep(), other.sweep()]);
    const request = await desk.remit.ledger.run((db) => findRequest(db, requestId));
    expect(request?.state).toBe('open');
    // One hour was put off once, not once a Sweeper.
    expect(request?.expires_at).toBeLessThan(now + 3_600_000);
    await desk.remit.client.workflowService.unpauseWorkflowExecution({ ...pause, requestId: 'unpause-1' });
    await handle.signal('refuse', { requestId });
    expect(await handle.result()).toMatchObject({ calls: [{ outcome: 'refused' }] });
  });

  it('withdraws what a job asked that was ended meanwhile, and ends the job', async () => {
    const id = 'sweep-ended';
    const handle = await desk.job([[long(id)]], id);
    const { request_id: requestId } = await desk.requestOf(id);
    await handle.terminate('no longer needed');
    await until(async () => {
      await desk.remit.sweeper.sweep();
      return (await desk.remit.ledger.run((db) => findJob(db, id)))?.endedAt === null ? undefined : true;
    });
    expect((await desk.remit.ledger.run((db) => findRequest(db, requestId)))?.state).toBe('withdrawn');
    expect(await decide(desk.remit.ledger, { requestId, verdict: 'approved', by: person })).toMatchObject({
      counted: false,
    });
  });
});
