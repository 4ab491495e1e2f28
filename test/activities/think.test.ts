import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDesk } from '../support/desk.ts';
import type { Desk } from '../support/desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

it.each([
  ['an empty name', '', 'failed'],
  ['a name nobody registered', 'shell.run', 'denied'],
  ['a name of the language', '__proto__', 'denied'],
])('tells a brain that calls %s, and the job goes on', async (_, action, outcome) => {
  const handle = await desk.job([[{ action, input: null }]]);
  expect(await handle.result()).toMatchObject({ turns: 1, calls: [{ action, outcome }] });
});

it('ends a job whose brain answers what is no step, instead of asking for ever', async () => {
  const handle = await desk.job([[{ action: 'desk.send', input: { to: 'a@b.example', text: 1n } }]]);
  await expect(handle.result()).rejects.toMatchObject({
    cause: { cause: { message: expect.stringContaining('BRAIN_REJECTED') } },
  });
  expect(desk.sink.sent).toEqual([]);
});
