import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDesk } from '../support/desk.ts';
import type { Desk } from '../support/desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const friend = (workflowId: string) => `${workflowId}@friend.example`;

describe('a job behind the guard', () => {
  it('does what is permitted, once, and reports it', async () => {
    const id = 'guard-permitted';
    const handle = await desk.job([[{ action: 'desk.readNote', input: { id: '1' } }], [{ action: 'desk.send', input: { to: friend(id), text: 'hello' } }]], id);
    const report = await handle.result();
    expect(report).toMatchObject({ calls: [{ outcome: 'done' }, { outcome: 'done' }] });
    expect(desk.sink.sent.filter(({ to }) => to === friend(id))).toHaveLength(1);
  });
});
