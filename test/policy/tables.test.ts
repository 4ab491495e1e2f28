import { describe, expect, it } from 'vitest';
import { authorize } from '../../src/policy/authorize.ts';
import { levelUnder } from '../../src/policy/level.ts';
import type { LiveState } from '../../src/policy/request.ts';
import { revocationInWords, RevocationSchema } from '../../src/policy/revocation.ts';
import type { Revocation, RevocationKind, Scope } from '../../src/policy/revocation.ts';
import {
  type Json,
  LEVELS,
  type Level,
  type Outcome,
  RISKS,
  type Risk,
  VERBS,
  type Verb,
} from '../../src/policy/vocabulary.ts';
import { anAction, aPolicy, aRequest, nothingRevoked } from '../support/policy.ts';

/** The answer for one permitted action of any verb, risk and draftability, with nothing else speaking. */
function answerFor(
  verb: Verb,
  live: LiveState,
  { risk = 'medium', draftable = true }: { risk?: Risk; draftable?: boolean } = {},
): Outcome {
  const action = anAction({
    name: 'shop.act',
    verb,
    record: 'shop.thing',
    risk,
    draftable: draftable && verb !== 'read',
  });
  const permit = { id: 'p', verb, record: 'shop.thing', ...(verb === 'read' ? { fields: [] } : {}) };
  const policy = aPolicy({ permits: [permit] }, {}, { actions: [action], facts: [] });
  return authorize(aRequest({ action: 'shop.act', verb, record: 'shop.thing', attributes: {} }), policy, live).outcome;
}

/** Written out by hand from the design, to hold against the table the code reads. */
function expectedAt(level: Level, verb: Verb, risk: Risk, draftable: boolean): Outcome {
  if (verb === 'read' || verb === 'propose') return 'permit';
  if (level === 'read-only') return 'deny';
  if (verb === 'draft') return 'permit';
  if (level === 'draft-only') return draftable ? 'hold' : 'deny';
  if (level === 'high-impact') return 'permit';
  if (level === 'low-risk-writes') return verb === 'write' && risk === 'low' ? 'permit' : 'gate';
  return (verb === 'write' || verb === 'send') && risk !== 'high' ? 'permit' : 'gate';
}

const levelCases = LEVELS.flatMap((level) =>
  VERBS.flatMap((verb) =>
    RISKS.flatMap((risk) => [true, false].map((draftable) => ({ level, verb, risk, draftable }))),
  ),
);

it.each(levelCases)(
  'keeps $verb of $risk risk (draftable $draftable) to what $level allows',
  ({ level, verb, risk, draftable }) => {
    expect(answerFor(verb, { ...nothingRevoked, level }, { risk, draftable })).toBe(
      expectedAt(level, verb, risk, draftable),
    );
  },
);

function aRevocation(
  kind: RevocationKind,
  scope: Scope = { kind: 'everything' },
  parts: Partial<Revocation> = {},
): Revocation {
  return { revocationId: 'r1', kind, scope, readsToo: false, reason: 'an incident', author: 'ops', at: 0, ...parts };
}

const under = (...revocations: Revocation[]): LiveState => ({ ...nothingRevoked, revocations });
const outbound: readonly Verb[] = ['send', 'invite', 'purchase', 'refund', 'approve'];
const isRead = (verb: Verb) => verb === 'read';

const kinds: readonly [string, Revocation, (verb: Verb, draftable: boolean) => Outcome][] = [
  ['disable', aRevocation('disable'), () => 'deny'],
  ['token', aRevocation('token'), () => 'deny'],
  [
    'pause-outbound',
    aRevocation('pause-outbound'),
    (verb, draftable) => (!outbound.includes(verb) ? 'permit' : draftable ? 'hold' : 'deny'),
  ],
  [
    'cap at draft-only',
    aRevocation('cap', undefined, { level: 'draft-only' }),
    (verb, draftable) => expectedAt('draft-only', verb, 'medium', draftable),
  ],
  ['cap at no level', aRevocation('cap'), (verb, draftable) => expectedAt('read-only', verb, 'medium', draftable)],
  ['exclude', aRevocation('exclude'), (verb) => (isRead(verb) ? 'permit' : 'deny')],
  ['exclude with reads', aRevocation('exclude', undefined, { readsToo: true }), () => 'deny'],
  ['drop-domain', aRevocation('drop-domain'), (verb) => (isRead(verb) ? 'permit' : 'deny')],
  ['require-review', aRevocation('require-review'), (verb) => (isRead(verb) ? 'permit' : 'gate')],
];

describe.each(kinds)('%s', (_, revocation, expected) => {
  it.each(VERBS.flatMap((verb) => [true, false].map((draftable) => [verb, draftable] as const)))(
    'answers %s (draftable %s) as its row says',
    (verb, draftable) => {
      expect(answerFor(verb, under(revocation), { draftable })).toBe(expected(verb, draftable));
    },
  );
});

it('takes the narrowest of all live revocations, and names each that said it', () => {
  const live = under(
    aRevocation('require-review'),
    aRevocation('disable', undefined, { revocationId: 'b' }),
    aRevocation('token', undefined, { revocationId: 'a' }),
  );
  const decision = authorize(aRequest(), aPolicy(), live);
  expect(decision.determining.map(({ id }) => id)).toEqual(['revocation:a', 'revocation:b']);
});

describe('a scope', () => {
  const outcomeWith = (scope: Scope, request = aRequest()) =>
    authorize(
      request,
      aPolicy({
        permits: [
          { id: 'p', verb: 'send', record: 'mailbox.reply' },
          { id: 'n', verb: 'write', record: 'crm.note' },
        ],
      }),
      under(aRevocation('disable', scope)),
    ).outcome;
  const given = aRequest().attributes;
  const sending = (attributes: Record<string, Json>) => aRequest({ attributes: { ...given, ...attributes } });
  const note = aRequest({
    action: 'crm.writeNote',
    verb: 'write',
    record: 'crm.note',
    attributes: { text: 'hi' },
    case: { orderId: 'x', sender: 'dana@acme.example' },
  });

  it.each<[string, 'covers' | 'leaves', Scope, ReturnType<typeof aRequest>?]>([
    ['everything', 'covers', { kind: 'everything' }],
    ['its agent', 'covers', { kind: 'agent', value: 'order-desk' }],
    ['another agent', 'leaves', { kind: 'agent', value: 'order' }],
    ['its charter', 'covers', { kind: 'charter', value: 'order-status' }],
    ['another charter', 'leaves', { kind: 'charter', value: 'refunds' }],
    ['its job', 'covers', { kind: 'job', value: 'job-1' }],
    ['another job', 'leaves', { kind: 'job', value: 'job-2' }],
    ['its system', 'covers', { kind: 'system', value: 'mailbox' }],
    ['another system', 'leaves', { kind: 'system', value: 'mail' }],
    ['its action', 'covers', { kind: 'action', value: 'mailbox.sendReply' }],
    ['another action', 'leaves', { kind: 'action', value: 'mailbox.draftReply' }],
    ['its customer', 'covers', { kind: 'customer', value: 'CUST-1' }],
    ['another customer', 'leaves', { kind: 'customer', value: 'cust-2' }],
    [
      'a customer when its own is missing',
      'covers',
      { kind: 'customer', value: 'cust-2' },
      sending({ customer: null }),
    ],
    ['a customer when its own is no text', 'covers', { kind: 'customer', value: 'cust-2' }, sending({ customer: 7 })],
    ['a customer when it declares none', 'leaves', { kind: 'customer', value: 'cust-1' }, note],
    ['its domain', 'covers', { kind: 'domain', value: 'ACME.example' }],
    [
      'a domain above its own',
      'covers',
      { kind: 'domain', value: 'acme.example' },
      sending({ domain: 'x.example', recipient: 'dana@eu.acme.example' }),
    ],
    ['a domain that only ends alike', 'leaves', { kind: 'domain', value: 'me.example' }],
    [
      'a domain one of its copies goes to',
      'covers',
      { kind: 'domain', value: 'evil.example' },
      sending({ cc: ['a@x.example', 'b@EVIL.example'] }),
    ],
    [
      'a domain when a recipient cannot be read',
      'covers',
      { kind: 'domain', value: 'evil.example' },
      sending({ recipient: 'nobody' }),
    ],
    ['a domain the case came from', 'covers', { kind: 'domain', value: '@acme.example' }, note],
    ['a domain when only the case names another', 'leaves', { kind: 'domain', value: 'evil.example' }, note],
  ])('of %s %s a call', (_, covers, scope, request) => {
    expect(outcomeWith(scope, request)).toBe(covers === 'covers' ? 'deny' : 'permit');
  });
});

it.each([
  ['a cap without a level does not parse', aRevocation('cap'), false],
  ['a cap with a level parses', aRevocation('cap', undefined, { level: 'draft-only' }), true],
  ['another kind needs no level', aRevocation('disable'), true],
])('%s', (_, revocation, parses) => {
  expect(RevocationSchema.safeParse(revocation).success).toBe(parses);
});

it.each<[string, readonly Revocation[], Level]>([
  ['nothing revoked', [], 'selected-sends'],
  ['a narrower cap', [aRevocation('cap', undefined, { level: 'read-only' })], 'read-only'],
  ['a wider cap', [aRevocation('cap', undefined, { level: 'high-impact' })], 'selected-sends'],
  [
    'two caps',
    [
      aRevocation('cap', undefined, { level: 'low-risk-writes' }),
      aRevocation('cap', undefined, { level: 'draft-only' }),
    ],
    'draft-only',
  ],
  ['a cap that names no level', [aRevocation('cap')], 'read-only'],
  ['another kind', [aRevocation('disable')], 'selected-sends'],
])('%s leaves of selected-sends what is narrower', (_, revocations, left) => {
  expect(levelUnder('selected-sends', revocations)).toBe(left);
});

it('says a revocation in words', () => {
  const cap = aRevocation('cap', { kind: 'agent', value: 'desk-clerk' }, { level: 'draft-only' });
  expect(revocationInWords(cap)).toBe('cap at draft-only on agent desk-clerk: an incident');
  expect(revocationInWords(aRevocation('disable'))).toBe('disable on everything: an incident');
});
