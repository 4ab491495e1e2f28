import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findDraft, listDrafts } from '../../src/ledger/draft.ts';
import type { DraftRow } from '../../src/ledger/draft.ts';
import { sendDraft } from '../../src/server/send-draft.ts';
import { openDesk } from '../support/desk.ts';
import type { Desk } from '../support/desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const PERSON = { name: 'dana', assurance: 'session', door: 'cli' } as const;
const arrived = (id: string) => desk.sink.sent.filter(({ to }) => to === `${id}@friend.example`).length;

/** A job capped at draft-only while it waited, and what was kept of it. */
async function held(id: string): Promise<DraftRow> {
  const call = { action: 'desk.send', input: { to: `${id}@friend.example`, text: 'one two three' } };
  const handle = await desk.job([[call]], id);
  await desk.requestOf(id);
  await handle.signal('revoke');
  await handle.result();
  const drafts = await desk.remit.ledger.run((db) => listDrafts(db, { all: true }));
  const own = drafts.find(({ sentence }) => sentence.includes(id));
  if (own === undefined) throw new Error(`nothing was held of ${id}`);
  return own;
}

const stateOf = async ({ draft_id: draftId }: DraftRow) =>
  (await desk.remit.ledger.run((db) => findDraft(db, draftId)))?.state;

describe('a held draft', () => {
  it('goes out once, however often it is sent, while its job stays capped', async () => {
    const draft = await held('draft-once');
    await sendDraft(desk.remit, draft.draft_id, PERSON);
    await expect(sendDraft(desk.remit, draft.draft_id, PERSON)).rejects.toThrow('sent already');
    expect(arrived('draft-once')).toBe(1);
    expect(await stateOf(draft)).toBe('sent');
  });

  it('is not said to be sent by a Workflow of somebody else, and can still be sent', async () => {
    const draft = await held('draft-forged');
    const workflowId = `draft-${draft.draft_id}`;
    const theirs = await desk.remit.client.workflow.start('ownAffairs', { taskQueue: desk.taskQueue, workflowId });
    const answer = sendDraft(desk.remit, draft.draft_id, PERSON).then(
      () => 'sent',
      (error: unknown) => String(error),
    );
    await theirs.signal('approve', 'all went well');
    expect(await answer).toContain('was not sent');
    expect(arrived('draft-forged')).toBe(0);
    await sendDraft(desk.remit, draft.draft_id, PERSON);
    expect(arrived('draft-forged')).toBe(1);
  });

  it.each([
    ['altered', JSON.stringify({ to: 'draft-altered@friend.example', text: 'something else' })],
    ['erased', null],
  ])('does not go out when what it said was %s', async (what, content) => {
    const draft = await held(`draft-${what}`);
    await desk.remit.ledger.run((db) =>
      db.updateTable('body').set({ content }).where('body_id', '=', draft.payload_id).execute(),
    );
    await expect(sendDraft(desk.remit, draft.draft_id, PERSON)).rejects.toThrow();
    expect(arrived(`draft-${what}`)).toBe(0);
    expect(await stateOf(draft)).toBe('held');
  });
});
