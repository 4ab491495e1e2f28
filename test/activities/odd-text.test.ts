import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDesk } from '../support/desk.ts';
import type { Desk } from '../support/desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

it.each([
  ['a note that cannot be stored', 'approve', { requestId: 'apr-none', note: 'a\0b' }],
  ['half a character', 'refuse', { requestId: 'apr-\ud800' }],
  ['an unknown field whose name cannot be stored', 'revoke', { 'a\0b': 1 }],
  ['no object at all', 'restore', 'a\0b'],
])('a Signal with %s keeps no later Signal from counting', async (why, name, arg) => {
  const id = `odd-${why.replaceAll(' ', '-')}`;
  const to = `${id}@friend.example`;
  const handle = await desk.job([[{ action: 'desk.send', input: { to, text: 'one two three' } }]], id);
  const request = await desk.requestOf(id);
  await handle.signal(name, arg);
  await handle.signal('approve', { requestId: request.request_id });
  expect(await handle.result()).toMatchObject({ calls: [{ outcome: 'done' }] });
  expect(desk.sink.sent.filter((each) => each.to === to)).toHaveLength(1);
});

it('a brain whose words cannot be stored keeps its job going', async () => {
  const to = 'odd-brain@friend.example';
  const handle = await desk.job([[{ action: 'desk.send', input: { to, text: 'a\0b' } }]], 'odd-brain');
  expect(await handle.result()).toMatchObject({ calls: [{ outcome: 'done' }] });
  expect(desk.sink.sent.filter((each) => each.to === to)).toMatchObject([{ text: 'a\uFFFDb' }]);
});
