import { afterEach, it } from 'vitest';
import { z } from 'zod';
import { recordSignals } from '../../src/activities/record-signals.ts';
import { readPolicy } from '../../src/charters/read-policy.ts';
import { putCharter } from '../../src/ledger/charter.ts';
import { findRun, findJob } from '../../src/ledger/job.ts';
import { decide } from '../../src/ledger/verdict.ts';
import { liveRevocations, restore, revoke } from '../../src/ledger/revocation.ts';
import { listDrafts, orderDispatch } from '../../src/ledger/draft.ts';
import { CHARTER, HOUSE } from '../support/desk.ts';
import { friendOf, openBench } from '../support/mutant-bench.ts';
import type { Bench } from '../support/mutant-bench.ts';
import { mentionsBankDetails, wordingOf } from '../../src/connectors/mailbox/wording.ts';
import { digestOf } from '../../src/audit/canonical.ts';
let b: Bench;
afterEach(() => b?.close());
const send = (text = 'hello', activityId = '1', to = friendOf('job')) => ({ action: 'desk.send', input: { to, text }, activityId });
const BY = { name: 'olga', assurance: 'session', door: 'test' } as const;
const UN = { name: 'someone', assurance: 'unverified', door: 'signal' } as const;

it('B1 ~ collision', async () => {
  b = await openBench();
  const p2 = { to: friendOf('job'), text: 'two' };
  const d2 = digestOf({ action: 'desk.send', payload: p2 }).slice(0, 12);
  console.log('B1', await b.act(send('three', `1~${d2}`)), await b.act(send('one', '1')), await b.act(send('two', '1')), b.sink.sent.map((s) => s.text));
});
it('B3 read limit', async () => {
  b = await openBench({ charter: CHARTER.replace('limits:', 'limits:\n  - { id: reads, verb: read, record: desk.note, per: case, atMost: 2 }') });
  const out = [];
  for (let i = 0; i < 5; i++) out.push((await b.act({ action: 'desk.readNote', input: { id: `${i}` }, activityId: `r${i}` })).outcome);
  console.log('B3', out);
});
it('B4 past.counts in parallel and in doubt', async () => {
  b = await openBench({ charter: CHARTER.replace('gates:', "gates:\n  - { id: second, verb: send, record: desk.message, when: { 'past.counts.send desk.message': { atLeast: 1 } }, reason: only one }") });
  b.sink.before = () => new Promise((r) => setTimeout(r, 300));
  console.log('B4 par', await Promise.all([b.act(send('a', '1')), b.act(send('b', '2')), b.act(send('c', '3'))]), b.sink.sent.length);
  b.sink.before = () => undefined;
  console.log('B4 then', await b.act(send('d', '4')));
});
it('B4b in doubt not counted', async () => {
  b = await openBench({ charter: CHARTER.replace('gates:', "gates:\n  - { id: second, verb: send, record: desk.message, when: { 'past.counts.send desk.message': { atLeast: 1 } }, reason: only one }") });
  b.sink.before = (to, key) => { b.sink.sent.push({ to, text: 'lost', key }); throw new Error('lost'); };
  const x = await b.act(send('a', '1')); b.clock.ahead += 60_000; const y = await b.act(send('a', '1'));
  b.sink.before = () => undefined;
  console.log('B4b', x, y, await b.act(send('b', '2')), b.sink.sent.length);
});
async function newHouse(from: string, to: string) {
  const houseText = HOUSE.replace(from, to);
  const rev = readPolicy({ charterFile: 'c', charterText: CHARTER, houseFile: 'h', houseText, vocabulary: b.port.registry.vocabulary() });
  await putCharter(b.ledger, rev as never, 'other worker');
}
it('B5 verdict assurance raised while open / after approval', async () => {
  b = await openBench();
  const a = await b.act(send('one two three', '1'));
  await newHouse('verdict: unverified', 'verdict: signed');
  const rec = await decide(b.ledger, { requestId: a.requestId!, verdict: 'approved', by: UN });
  console.log('B5', rec, await b.act(send('one two three', '1')), b.sink.sent.length);
});
it('B6 restore under an old house', async () => {
  b = await openBench();
  await b.act(send());
  const run = (await b.ledger.run((db) => findRun(db, 'job-run')))!;
  await revoke(b.ledger, { kind: 'disable', scope: { kind: 'job', value: run.job.jobId }, readsToo: false, reason: 'x', by: UN });
  await newHouse('restore: unverified', 'restore: signed');
  const port = { ...b.port, history: { signals: async () => [{ eventId: 9, name: 'restore', arg: undefined, readable: true, identity: 'x', principal: undefined, at: Date.now() }] } } as never;
  await recordSignals(port, run);
  console.log('B6 live after', (await b.ledger.run((db) => liveRevocations(db))).length, (await b.act(send('z', '7'))).outcome);
});
it('B7 stale recorder ends a later revoke', async () => {
  b = await openBench();
  await b.act(send());
  const run = (await b.ledger.run((db) => findRun(db, 'job-run')))!;
  const sig = (eventId: number, name: string, arg?: unknown) => ({ eventId, name, arg, readable: true, identity: 'x', principal: undefined, at: Date.now() });
  let go: (v: unknown) => void = () => undefined; const stall = new Promise((r) => (go = r));
  const frozen = { ...b.port, history: { signals: async () => { await stall; return [sig(5, 'revoke'), sig(6, 'restore')]; } } } as never;
  const quick = { ...b.port, history: { signals: async () => [sig(5, 'revoke'), sig(6, 'restore'), sig(8, 'revoke', { kind: 'disable' })] } } as never;
  const late = recordSignals(frozen, run);
  await new Promise((r) => setTimeout(r, 200));
  await recordSignals(quick, run);
  const n = (await b.ledger.run((db) => liveRevocations(db))).length;
  const denied = await b.act(send('z', '7'));
  go(1); await late;
  console.log('B7', n, denied, (await b.ledger.run((db) => liveRevocations(db))).length, await b.act(send('y', '8')));
});
it('B8 transform re-parsed on dispatch', async () => {
  b = await openBench();
  const actions = b.port.registry.actions as Map<string, any>;
  const a = actions.get('desk.send');
  actions.set('desk.send', { ...a, input: z.strictObject({ to: z.email(), text: z.string().transform((t: string) => `${t}0`) }) });
  const r = await revoke(b.ledger, { kind: 'cap', level: 'draft-only', scope: { kind: 'everything' }, readsToo: false, reason: 'x', by: BY });
  const h = await b.act(send('10', '1'));
  await restore(b.ledger, r.revocationId, BY);
  const [d] = await b.ledger.run((db) => listDrafts(db, { all: true }));
  await orderDispatch(b.ledger, d!.draft_id, BY);
  const s = await b.act({ action: 'dispatchDraft', input: d!.draft_id, job: 'other' });
  console.log('B8', h, s, b.sink.sent.map((x) => x.text));
});
it('B9 draft sent by agent while ordered; and stale order', async () => {
  b = await openBench();
  const r = await revoke(b.ledger, { kind: 'cap', level: 'draft-only', scope: { kind: 'everything' }, readsToo: false, reason: 'x', by: BY });
  await b.act(send('hello', '1'));
  await restore(b.ledger, r.revocationId, BY);
  const [d] = await b.ledger.run((db) => listDrafts(db, { all: true }));
  const first = await b.act(send('hello', '1'));
  await orderDispatch(b.ledger, d!.draft_id, BY);
  const s = await b.act({ action: 'dispatchDraft', input: d!.draft_id, job: 'other' });
  console.log('B9', first.outcome, s.outcome, b.sink.sent.length, (await b.ledger.run((db) => listDrafts(db, { all: true })))[0]?.state);
});
it('B10 wording', async () => {
  console.log('B10', mentionsBankDetails('DE89 3704 0044 0532 0130 00'), mentionsBankDetails('DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000'), mentionsBankDetails('DE89.3704.0044.0532.0130.00'), wordingOf('our lawyer'), wordingOf('our law\u00adyer'), wordingOf('our ｌａｗｙｅｒ'));
});
void findJob;
