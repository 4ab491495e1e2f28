import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyStored } from '../../src/ledger/audit-log.ts';
import { admitReset, findJob, listJobs } from '../../src/ledger/job.ts';
import { openDesk } from '../support/desk.ts';
import type { Desk } from '../support/desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk({ bindings: { chainWorkflow: ['desk-work'] } });
});
afterAll(() => desk.close());

const sendTo = (to: string, text = 'hello') => ({ action: 'desk.send', input: { to, text } });
const arrived = (to: string) => desk.sink.sent.filter((each) => each.to === to).length;

/** Throws everything after the first Workflow Task away and lets the run do it again. */
async function resetToStart(handle: WorkflowHandle): Promise<string> {
  const { events } = await handle.fetchHistory();
  const completed = events?.find(
    ({ workflowTaskCompletedEventAttributes }) => workflowTaskCompletedEventAttributes != null,
  );
  const { runId } = await desk.remit.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: handle.workflowId },
    workflowTaskFinishEventId: completed?.eventId ?? null,
    requestId: `reset-${handle.workflowId}`,
    reason: 'a test of resets',
  });
  return runId ?? '';
}

describe('a chain of runs', () => {
  it('is one job through continue-as-new, and its limits count all of it', async () => {
    const friend = 'chain@friend.example';
    await desk.remit.client.workflow.execute('chainWorkflow', {
      taskQueue: desk.taskQueue,
      workflowId: 'chain',
      args: [{ friend }, 3],
    });
    expect(arrived(friend)).toBe(3);
    const jobs = (await desk.remit.ledger.run((db) => listJobs(db, { running: false, most: 50 }))).filter(
      ({ workflowId }) => workflowId === 'chain',
    );
    expect(jobs).toHaveLength(1);
    const more = desk.remit.client.workflow.execute('chainWorkflow', {
      taskQueue: desk.taskQueue,
      workflowId: 'chain-long',
      args: [{ friend: 'chain-long@friend.example' }, 7],
    });
    await expect(more).rejects.toThrow();
    expect(arrived('chain-long@friend.example')).toBe(5);
  });
});

describe('a reset run', () => {
  it('repeats nothing that was done, and is given the same answers', async () => {
    const id = 'reset-done';
    const friend = `${id}@friend.example`;
    const handle = await desk.job([[sendTo(friend)], [sendTo(friend, 'again')]], id);
    await handle.result();
    await resetToStart(handle);
    expect(await desk.remit.client.workflow.getHandle(id).result()).toMatchObject({
      calls: [{ outcome: 'done' }, { outcome: 'done' }],
    });
    expect(arrived(friend)).toBe(2);
    const job = await desk.remit.ledger.run((db) => findJob(db, id));
    expect(await verifyStored(desk.remit.ledger, job?.jobId ?? '')).toMatchObject({ ok: true });
  });

  it('asks a person before it does something new, until an operator admits it', async () => {
    const id = 'reset-new';
    const friend = `${id}@friend.example`;
    const handle = await desk.job([[sendTo(friend, 'one two three')], [sendTo(friend, 'late')]], id);
    await desk.requestOf(id);
    await resetToStart(handle);
    const request = await desk.requestOf(id, ({ reason }) => reason.includes('reset'));
    expect(arrived(friend)).toBe(0);
    const job = await desk.remit.ledger.run((db) => findJob(db, id));
    await admitReset(desk.remit.ledger, job?.jobId ?? '', { name: 'olga', assurance: 'session', door: 'cli' });
    await desk.remit.client.workflow.getHandle(id).signal('approve', { requestId: request.request_id });
    await desk.remit.client.workflow.getHandle(id).result();
    expect(arrived(friend)).toBe(2);
  });
});
