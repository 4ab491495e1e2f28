import fc from 'fast-check';
import { expect, it } from 'vitest';
import { authorize } from '../../src/policy/authorize.ts';
import type { Condition } from '../../src/policy/condition.ts';
import type { AuthorizationRequest, LiveState } from '../../src/policy/request.ts';
import { REVOCATION_KINDS, type Revocation } from '../../src/policy/revocation.ts';
import { type Json, LEVELS, OUTCOMES } from '../../src/policy/vocabulary.ts';
import { type CharterInput, type HouseInput, aPolicy, aRequest, known, unknownFact } from '../support/policy.ts';

const rank = (outcome: (typeof OUTCOMES)[number]) => OUTCOMES.indexOf(outcome);
const reply = { verb: 'send', record: 'mailbox.reply' } as const;
const given = aRequest().attributes;

const condition: fc.Arbitrary<Condition> = fc.constantFrom<Condition>(
  {},
  { 'attributes.recipient': { sameAs: 'case.sender' } },
  { 'attributes.domain': { notIn: ['evil.example'] } },
  { 'attributes.attachments': { atMost: 2 } },
  { 'attributes.cc': { subsetOf: ['dana@acme.example'] } },
  { 'attributes.subject': { present: true } },
  { 'facts.recipientIsCustomer': { is: true } },
  { 'facts.orderTotal': { atMost: 5000, atLeast: 1 } },
  { 'past.labels': { intersects: ['untrusted'] } },
  { 'now.hour': { atLeast: 8, atMost: 18 }, 'attributes.urgent': { is: false } },
);
const pattern = fc.constantFrom(
  { verb: 'send', record: 'mailbox.reply' },
  { verb: 'any', record: 'mailbox.reply' },
  { verb: ['send', 'draft'], record: 'mailbox.*' },
  { verb: 'any', record: '*' },
) as fc.Arbitrary<{ verb: 'any' | 'send'; record: string }>;

const narrowing = fc
  .record({ pattern, when: condition })
  .map(({ pattern, when }) => ({ ...pattern, when, reason: 'because' }));
const numbered = <T>(prefix: string, items: readonly T[]) =>
  items.map((item, index) => ({ ...item, id: `${prefix}-${index}` }));

const charters: fc.Arbitrary<Partial<CharterInput>> = fc
  .record({
    permits: fc.array(condition, { maxLength: 4 }),
    gates: fc.array(narrowing, { maxLength: 2 }),
    forbids: fc.array(narrowing, { maxLength: 1 }),
    level: fc.constantFrom(...LEVELS),
    limited: fc.boolean(),
  })
  .map(({ permits, gates, forbids, level, limited }) => ({
    level,
    permits: numbered(
      'permit',
      permits.map((when) => ({ ...reply, when })),
    ),
    gates: numbered('gate', gates),
    forbids: numbered('forbid', forbids),
    limits: limited ? [{ id: 'replies', ...reply, per: 'case', atMost: 3, beyond: 'gate' }] : [],
  }));

const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>('dana@acme.example', 'evil.example', 1, 3, true, null),
) as fc.Arbitrary<Json>;
const attributes = fc
  .record(
    { recipient: odd, domain: odd, attachments: odd, cc: odd, subject: odd, urgent: odd, customer: odd },
    { requiredKeys: [] },
  )
  .chain((some) => fc.constantFrom(some, { ...given, ...some }, given));
const requests: fc.Arbitrary<AuthorizationRequest> = fc
  .record({
    attributes,
    isCustomer: fc.constantFrom(known(true), known(false), unknownFact),
    total: fc.constantFrom(known(4200), known('4200'), unknownFact),
    labels: fc.subarray(['trusted', 'untrusted', 'sensitive']),
    now: fc.integer({ min: 0, max: 2_000_000_000_000 }),
  })
  .map(({ isCustomer, total, labels, ...rest }) =>
    aRequest({
      attributes: rest.attributes,
      now: rest.now,
      facts: { recipientIsCustomer: isCustomer, orderTotal: total },
      past: { labels, records: [], counts: {} },
    }),
  );

const revocations: fc.Arbitrary<Revocation> = fc.record({
  revocationId: fc.uuid(),
  kind: fc.constantFrom(...REVOCATION_KINDS),
  scope: fc.oneof(
    fc.constant({ kind: 'everything' } as const),
    fc.record({
      kind: fc.constantFrom('agent', 'charter', 'job', 'system', 'action', 'customer', 'domain'),
      value: fc.constantFrom('order-desk', 'mailbox', 'cust-1', 'acme.example', 'job-1'),
    }),
  ),
  level: fc.constantFrom(...LEVELS),
  readsToo: fc.boolean(),
  reason: fc.constant('an incident'),
  author: fc.constant('ops'),
  at: fc.constant(0),
});
const lives: fc.Arbitrary<LiveState> = fc.record({
  level: fc.constantFrom(...LEVELS),
  revocations: fc.array(revocations, { maxLength: 2 }),
  limits: fc.constantFrom<LiveState['limits']>({}, { replies: 0 }, { replies: 3 }),
  circumstances: fc.constant([]),
});

const runs = { numRuns: 300, seed: 20261122 };

it('never widens by another gate, forbid, house rule, risk class or revocation', () => {
  fc.assert(
    fc.property(charters, requests, lives, narrowing, revocations, (charter, request, live, more, revocation) => {
      const before = rank(authorize(request, aPolicy(charter), live).outcome);
      const extra = { ...more, id: 'one-more' };
      const { reason: _, ...applies } = more;
      const house: Partial<HouseInput>[] = [
        { gates: [extra] },
        { forbids: [extra] },
        { classes: [{ class: 'one-more', says: 'risky', gate: 'soft', applies: [applies] }] },
      ];
      const after = [
        ...house.map((rules) => authorize(request, aPolicy(charter, rules), live)),
        authorize(request, aPolicy({ ...charter, gates: [...(charter.gates ?? []), extra] }), live),
        authorize(request, aPolicy({ ...charter, forbids: [...(charter.forbids ?? []), extra] }), live),
        authorize(request, aPolicy(charter), { ...live, revocations: [...live.revocations, revocation] }),
      ];
      for (const { outcome } of after) expect(rank(outcome)).toBeGreaterThanOrEqual(before);
    }),
    runs,
  );
});

it('never widens by a narrower level', () => {
  fc.assert(
    fc.property(charters, requests, lives, fc.constantFrom(...LEVELS), (charter, request, live, level) => {
      const at = (asked: LiveState['level']) =>
        rank(authorize(request, aPolicy(charter), { ...live, level: asked }).outcome);
      const [narrow, wide] =
        LEVELS.indexOf(level) < LEVELS.indexOf(live.level) ? [level, live.level] : [live.level, level];
      expect(at(narrow)).toBeGreaterThanOrEqual(at(wide));
    }),
    runs,
  );
});

it('answers alike in any order of statements and revocations', () => {
  fc.assert(
    fc.property(charters, requests, lives, (charter, request, live) => {
      const told = (from: Partial<CharterInput>, state: LiveState) => {
        const { nearMisses, sentence, ...facts } = authorize(request, aPolicy(from), state);
        return { ...facts, misses: nearMisses(), sentence: sentence() };
      };
      const reversed = {
        ...charter,
        permits: charter.permits?.toReversed() ?? [],
        gates: charter.gates?.toReversed() ?? [],
        forbids: charter.forbids?.toReversed() ?? [],
      };
      expect(told(reversed, { ...live, revocations: live.revocations.toReversed() })).toEqual(told(charter, live));
    }),
    runs,
  );
});

it('never throws, whatever the payload, and always names who spoke', () => {
  fc.assert(
    fc.property(
      charters,
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })),
      lives,
      (charter, payload, live) => {
        const decision = authorize(aRequest({ attributes: payload as Record<string, Json> }), aPolicy(charter), live);
        decision.nearMisses();
        expect(decision.sentence()).not.toBe('');
        expect(decision.determining).not.toHaveLength(0);
      },
    ),
    runs,
  );
});

it('never permits on an unknown: taking a value away does not widen', () => {
  fc.assert(
    fc.property(charters, requests, lives, fc.constantFrom(...Object.keys(given)), (charter, request, live, name) => {
      const { [name]: _, ...rest } = request.attributes;
      const policy = aPolicy(charter);
      const before = authorize(request, policy, live);
      const after = authorize({ ...request, attributes: rest, facts: {} }, policy, live);
      expect(rank(after.outcome)).toBeGreaterThanOrEqual(rank(before.outcome));
    }),
    runs,
  );
});
