import { describe, expect, it } from 'vitest';
import { authorize } from '../../src/policy/authorize.ts';
import type { Outcome } from '../../src/policy/vocabulary.ts';
import { aPolicy, aRead, aRequest, type HouseInput, known, nothingRevoked, unknownFact } from '../support/policy.ts';

const reply = { verb: 'send', record: 'mailbox.reply' } as const;
const refund = { verb: 'refund', record: 'shop.payment' } as const;
const permit = { id: 'p', ...reply } as const;
const gate = { id: 'g', ...reply, reason: 'a person looks first' } as const;
const forbid = { id: 'f', ...reply, reason: 'never' } as const;
const hardClass: NonNullable<HouseInput['classes']> = [
  {
    class: 'external-email',
    says: 'mail leaves the house',
    gate: 'hard',
    applies: [{ verb: 'send', record: '*' }],
  },
];
const live = nothingRevoked;

it.each<[Outcome, string, Parameters<typeof aPolicy>[0], Parameters<typeof aPolicy>[1], Partial<typeof live>]>([
  ['deny', 'nothing speaks', { permits: [] }, {}, {}],
  ['permit', 'a permit speaks', { permits: [permit] }, {}, {}],
  ['deny', 'a gate speaks without a permit', { permits: [], gates: [gate] }, {}, {}],
  ['gate', 'permit and gate speak', { permits: [permit], gates: [gate] }, {}, {}],
  ['deny', 'permit, gate and forbid speak', { permits: [permit], gates: [gate], forbids: [forbid] }, {}, {}],
  ['gate', 'a house class speaks', { permits: [permit] }, { classes: hardClass }, {}],
  ['gate', 'a house gate speaks', { permits: [permit] }, { gates: [{ ...gate, record: '*' }] }, {}],
  ['deny', 'a house forbid speaks', { permits: [permit] }, { forbids: [forbid] }, {}],
  ['hold', 'the level was narrowed to draft-only', { permits: [permit] }, {}, { level: 'draft-only' }],
  [
    'permit',
    'a person dispatches a draft past the level',
    { permits: [permit], level: 'draft-only' },
    {},
    { level: 'high-impact' },
  ],
  ['hold', 'level holds and gate speaks', { permits: [permit], gates: [gate] }, {}, { level: 'draft-only' }],
  [
    'gate',
    'the guard saw a reset',
    { permits: [permit] },
    {},
    { circumstances: [{ id: 'reset-run', outcome: 'gate', reason: 'the run was reset' }] },
  ],
  [
    'deny',
    'the guard saw a conflict',
    { permits: [permit] },
    {},
    { circumstances: [{ id: 'step', outcome: 'deny', reason: 'conflict' }] },
  ],
])('answers %s when %s', (outcome, _, charter, house, state) => {
  expect(authorize(aRequest(), aPolicy(charter, house), { ...live, ...state }).outcome).toBe(outcome);
});

it('names everyone who said the outcome, by id, and every gate that spoke', () => {
  const policy = aPolicy(
    { permits: [permit], gates: [gate, { ...gate, id: 'a' }], forbids: [forbid] },
    { classes: hardClass },
  );
  const decision = authorize(aRequest(), policy, live);
  expect(decision.determining.map(({ id }) => id)).toEqual(['charter:f']);
  expect(decision.gates.map(({ id, riskClass }) => [id, riskClass])).toEqual([
    ['charter:a', undefined],
    ['charter:g', undefined],
    ['house:external-email', 'external-email'],
  ]);
});

it.each([
  ['the action is not registered', { action: 'mailbox.sendRelpy' }],
  ['the verb is not the action’s', { verb: 'draft' }],
  ['the record is not the action’s', { record: 'mailbox.message' }],
  ['the agent is another', { principal: { agent: 'other', charter: 'order-status', jobId: 'job-1' } }],
  ['the charter is another', { principal: { agent: 'order-desk', charter: 'other', jobId: 'job-1' } }],
] as const)('denies by default when %s', (_, parts) => {
  const decision = authorize(aRequest(parts), aPolicy({ permits: [permit] }), live);
  expect([decision.outcome, decision.determining[0]?.id]).toEqual(['deny', 'default:deny']);
});

it('denies what it cannot evaluate', () => {
  const broken = { ...live, revocations: null } as unknown as typeof live;
  expect(authorize(aRequest(), aPolicy(), broken).outcome).toBe('deny');
});

describe('an unknown', () => {
  const when = { 'facts.recipientIsCustomer': { is: true } };
  const request = aRequest({ facts: { recipientIsCustomer: unknownFact } });

  it.each([
    ['keeps a permit silent', { permits: [{ ...permit, when }] }, 'deny'],
    ['makes a gate speak', { permits: [permit], gates: [{ ...gate, when }] }, 'gate'],
    ['makes a forbid speak', { permits: [permit], forbids: [{ ...forbid, when }] }, 'deny'],
  ] as const)('%s', (_, charter, outcome) => {
    expect(authorize(request, aPolicy(charter as never), live).outcome).toBe(outcome);
  });

  it('is named in the reason of the gate that speaks on it', () => {
    const decision = authorize(request, aPolicy({ permits: [permit], gates: [{ ...gate, when }] }), live);
    expect(decision.determining[0]?.reason).toBe('a person looks first (unknown: `facts.recipientIsCustomer`)');
  });
});

it('lets a wildcard pass over actions that do not declare its attribute, but not over a missing value', () => {
  const permits = [permit, { id: 'n', verb: 'write', record: 'crm.note' } as const];
  const gates = [
    { id: 'g', verb: 'any', record: '*', when: { 'attributes.domain': { is: 'evil.example' } }, reason: 'x' },
  ] as const;
  const policy = aPolicy({ permits, gates: [...gates] });
  const note = aRequest({ action: 'crm.writeNote', verb: 'write', record: 'crm.note', attributes: { text: 'hello' } });
  expect(authorize(note, policy, live).outcome).toBe('permit');
  expect(authorize(aRequest({ attributes: {} }), policy, live).outcome).toBe('gate');
});

it('gates the next outward change of a job that read untrusted text and sensitive records', () => {
  const both = { 'past.labels.untrusted': { is: true }, 'past.labels.sensitive': { is: true } };
  const policy = aPolicy(
    {},
    { gates: [{ id: 'rule-of-two', verb: ['send', 'write'], record: '*', when: both, reason: 'rule of two' }] },
  );
  const having = (...labels: string[]) =>
    authorize(aRequest({ past: { labels, records: [], counts: {} } }), policy, live).outcome;
  expect([having('untrusted'), having('sensitive'), having('untrusted', 'sensitive')]).toEqual([
    'permit',
    'permit',
    'gate',
  ]);
});

describe('fields of a read', () => {
  const orders = (id: string, fields: string[], when = {}) =>
    ({ id, verb: 'read', record: 'crm.order', fields, when }) as const;

  it.each([
    [
      'grants the union of what spoke',
      [orders('a', ['status']), orders('b', ['total'])],
      ['total', 'status', 'note'],
      ['total', 'status'],
      ['note'],
    ],
    ['grants none for `fields: []`', [orders('a', [])], ['status'], [], ['status']],
    [
      'leaves out what a silent permit would grant',
      [orders('a', ['status']), orders('b', ['note'], { 'attributes.orderId': { is: 'x' } })],
      ['status', 'note'],
      ['status'],
      ['note'],
    ],
    [
      'withholds what nobody has heard of',
      [orders('a', ['status'])],
      ['status', 'constructor'],
      ['status'],
      ['constructor'],
    ],
  ])('%s', (_, permits, asked, granted, withheld) => {
    const decision = authorize(aRead(asked), aPolicy({ permits }), live);
    expect([decision.outcome, decision.fields]).toEqual(['permit', { granted, withheld }]);
  });

  it('grants nothing when the read is denied', () => {
    const policy = aPolicy(
      { permits: [orders('a', ['status'])] },
      { forbids: [{ id: 'f', verb: 'read', record: 'crm.order', reason: 'no' }] },
    );
    expect(authorize(aRead(['status']), policy, live).fields).toEqual({ granted: [], withheld: ['status'] });
  });
});

describe('limits', () => {
  const calls = { id: 'calls', ...refund, per: 'case', atMost: 2 } as const;
  const sum = { id: 'sum', ...refund, per: 'day', atMost: 5000, sum: 'amount', beyond: 'gate' } as const;
  const refunding = (amount: unknown) =>
    aRequest({ action: 'shop.refundOrder', ...refund, attributes: { amount: amount as number, orderId: 'order-17' } });
  const policy = aPolicy({ permits: [{ id: 'p', ...refund }], limits: [calls, sum] });
  const at = (usedCalls: number | undefined, usedSum: number | undefined) => ({
    ...live,
    limits: {
      ...(usedCalls === undefined ? {} : { calls: usedCalls }),
      ...(usedSum === undefined ? {} : { sum: usedSum }),
    },
  });

  it.each<[Outcome, string, unknown, number | undefined, number | undefined]>([
    ['permit', 'both limits have room', 1000, 1, 4000],
    ['deny', 'the calls are used up', 1000, 2, 0],
    ['gate', 'the sum goes beyond', 1001, 1, 4000],
    ['deny', 'the used calls are unknown', 1000, undefined, 0],
    ['gate', 'the used sum is unknown', 1000, 0, undefined],
    ['gate', 'the amount is missing', undefined, 0, 0],
    ['gate', 'the amount is a text', '10', 0, 0],
    ['gate', 'the amount is a fraction', 10.5, 0, 0],
    ['deny', 'the amount is negative', -1, 0, 4999],
    ['deny', 'the used calls are negative', 1000, -5, 0],
  ])('answers %s when %s', (outcome, _, amount, usedCalls, usedSum) => {
    expect(authorize(refunding(amount), policy, at(usedCalls, usedSum)).outcome).toBe(outcome);
  });

  it('reserves every limit of the action, also for a call that waits', () => {
    const reservations = [
      { limitId: 'calls', per: 'case', amount: 1, atMost: 2 },
      { limitId: 'sum', per: 'day', amount: 1000, atMost: 5000 },
    ];
    expect(authorize(refunding(1000), policy, at(0, 0)).reservations).toEqual(reservations);
    expect(authorize(refunding(1000), policy, at(0, 4500)).reservations).toEqual(reservations);
    expect(authorize(refunding(1000), policy, at(2, 0)).reservations).toEqual([]);
  });

  it('reserves the whole limit when the amount is unknown', () => {
    expect(authorize(refunding(undefined), policy, at(0, 0)).reservations[1]?.amount).toBe(5000);
  });
});

describe('in words', () => {
  const policy = aPolicy({ permits: [{ ...permit, when: { 'attributes.recipient': { sameAs: 'case.sender' } } }] });
  const stranger = aRequest({ attributes: { recipient: 'eve@evil.example' } });

  it('names the clause that kept a permit silent', () => {
    expect(authorize(stranger, policy, live).nearMisses()).toEqual([
      {
        permit: 'p',
        path: 'attributes.recipient',
        operator: 'sameAs',
        wanted: 'is the same as `case.sender`',
        found: '`eve@evil.example`',
      },
    ]);
  });

  it('says the answer as one sentence', () => {
    expect(authorize(stranger, policy, live).sentence()).toBe(
      'order-desk may not send mailbox.reply: no permit of charter order-status lets order-desk send mailbox.reply like this; `p` would, if `attributes.recipient` is the same as `case.sender`, but it is `eve@evil.example`.',
    );
    expect(authorize(aRequest(), policy, { ...live, level: 'draft-only' }).sentence()).toBe(
      'order-desk may not send mailbox.reply now, so it is kept as a draft: at level draft-only, send is kept as a draft.',
    );
    expect(authorize(aRequest({ facts: { recipientIsCustomer: known(true) } }), policy, live).sentence()).toBe(
      'order-desk may send mailbox.reply: send mailbox.reply is permitted.',
    );
  });
});
