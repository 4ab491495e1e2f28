import { describe, expect, it } from 'vitest';
import { authorize } from '../../src/policy/authorize.ts';
import { compile } from '../../src/policy/compile.ts';
import { PolicyError, type PolicyProblem } from '../../src/policy/policy-error.ts';
import {
  aCharter,
  aHouse,
  anAction,
  aPolicy,
  aRequest,
  aRevision,
  aVocabulary,
  type CharterInput,
  type HouseInput,
  nothingRevoked,
} from '../support/policy.ts';

function problemsOf(charter: Partial<CharterInput>, house: Partial<HouseInput> = {}): readonly PolicyProblem[] {
  try {
    compile(aCharter(charter), aHouse(house), aVocabulary(), aRevision);
    return [];
  } catch (error) {
    if (error instanceof PolicyError) return error.problems;
    throw error;
  }
}

const reply = { verb: 'send', record: 'mailbox.reply' } as const;
const permitWhen = (when: Record<string, Record<string, unknown>>): Partial<CharterInput> => ({
  permits: [{ id: 'p', ...reply, when: when as never }],
  limits: [{ id: 'files', ...reply, per: 'day', atMost: 5, sum: 'attachments' }],
});
const gateWhen = (pattern: object, when: object) => ({ gates: [{ id: 'g', reason: 'x', ...pattern, when }] }) as never;

it.each<[string, Partial<CharterInput>, string, string, string?]>([
  [
    'an unknown record',
    { permits: [{ id: 'p', verb: 'send', record: 'mailbox.replly' }] },
    'permits.0.record',
    'no registered action is on `mailbox.replly`',
    'mailbox.reply',
  ],
  [
    'a verb nobody registered for the record',
    { permits: [{ id: 'p', verb: 'delete', record: 'crm.note' }] },
    'permits.0.verb',
    'no registered action can `delete` `crm.note`, only `write`',
    'write',
  ],
  [
    'a wildcard on an unknown system',
    gateWhen({ verb: 'any', record: 'mailbax.*' }, {}),
    'gates.0.record',
    'no registered action is on `mailbax.*`',
    'mailbox.*',
  ],
  [
    'an unknown attribute',
    permitWhen({ 'attributes.recipeint': { present: true } }),
    'permits.0.when.attributes.recipeint',
    'unknown path `attributes.recipeint` of `send mailbox.reply`',
    'attributes.recipient',
  ],
  [
    'an attribute no matched action has',
    gateWhen({ verb: 'any', record: 'crm.*' }, { 'attributes.amount': { atMost: 1 } }),
    'gates.0.when.attributes.amount',
    'unknown path `attributes.amount` of `read crm.order`',
  ],
  [
    'an unknown case value',
    permitWhen({ 'case.sendr': { present: true } }),
    'permits.0.when.case.sendr',
    'unknown path `case.sendr`',
    'case.sender',
  ],
  [
    'a name under the wrong root',
    permitWhen({ 'attributes.sender': { present: true } }),
    'permits.0.when.attributes.sender',
    'unknown path `attributes.sender` of `send mailbox.reply`',
    'case.sender',
  ],
  [
    'an unknown fact',
    permitWhen({ 'facts.recipientIsCustumer': { is: true } }),
    'permits.0.when.facts.recipientIsCustumer',
    'unknown path `facts.recipientIsCustumer`',
    'facts.recipientIsCustomer',
  ],
  [
    'an unknown past path',
    permitWhen({ 'past.lables': { intersects: ['trusted'] } }),
    'permits.0.when.past.lables',
    'unknown path `past.lables`',
    'past.labels',
  ],
  [
    'a count of an unknown call',
    permitWhen({ 'past.counts.send mailbox.repy': { atMost: 1 } }),
    'permits.0.when.past.counts.send mailbox.repy',
    'unknown path `past.counts.send mailbox.repy`',
    'past.counts.send mailbox.reply',
  ],
  [
    'an unknown now path',
    permitWhen({ 'now.hours': { atMost: 1 } }),
    'permits.0.when.now.hours',
    'unknown path `now.hours`',
    'now.hour',
  ],
  [
    'atMost on text',
    permitWhen({ 'attributes.subject': { atMost: 1 } }),
    'permits.0.when.attributes.subject.atMost',
    '`atMost` does not fit `attributes.subject`, which is text',
  ],
  [
    'subsetOf on a scalar',
    permitWhen({ 'attributes.subject': { subsetOf: ['a'] } }),
    'permits.0.when.attributes.subject.subsetOf',
    '`subsetOf` does not fit `attributes.subject`, which is text',
  ],
  [
    'is on a list',
    permitWhen({ 'attributes.cc': { is: 'a@x.example' } }),
    'permits.0.when.attributes.cc.is',
    '`is` does not fit `attributes.cc`, which is address[]',
  ],
  [
    'an operand of another type',
    permitWhen({ 'attributes.attachments': { is: 'two' } }),
    'permits.0.when.attributes.attachments.is',
    '`two` is not number, which `attributes.attachments` is',
  ],
  [
    'an element that is no address',
    permitWhen({ 'attributes.cc': { subsetOf: ['a@x.example', 'Bob'] } }),
    'permits.0.when.attributes.cc.subsetOf.1',
    '`Bob` is not address, which `attributes.cc` is',
  ],
  [
    'a list where one value is due',
    permitWhen({ 'attributes.subject': { is: ['a'] } }),
    'permits.0.when.attributes.subject.is',
    '`is` takes one value',
  ],
  [
    'one value where a list is due',
    permitWhen({ 'attributes.subject': { in: 'a' } }),
    'permits.0.when.attributes.subject.in',
    '`in` takes a list',
  ],
  [
    'present with a text',
    permitWhen({ 'attributes.subject': { present: 'yes' } }),
    'permits.0.when.attributes.subject.present',
    '`present` takes true or false',
  ],
  [
    'a label that does not exist',
    permitWhen({ 'past.labels': { intersects: ['untrustd'] } }),
    'permits.0.when.past.labels.intersects.0',
    '`past.labels` is never `untrustd`',
    'untrusted',
  ],
  [
    'a weekday that does not exist',
    permitWhen({ 'now.weekday': { is: 'mondy' } }),
    'permits.0.when.now.weekday.is',
    '`now.weekday` is never `mondy`',
    'monday',
  ],
  [
    'sameAs naming no path',
    permitWhen({ 'attributes.recipient': { sameAs: 'case.sendr' } }),
    'permits.0.when.attributes.recipient.sameAs',
    '`sameAs` names no path: `case.sendr`',
    'case.sender',
  ],
  [
    'sameAs another type',
    permitWhen({ 'attributes.recipient': { sameAs: 'case.orderId' } }),
    'permits.0.when.attributes.recipient.sameAs',
    '`case.orderId` is text, but `attributes.recipient` is address',
  ],
  [
    'sameAs itself',
    permitWhen({ 'attributes.recipient': { sameAs: 'attributes.recipient' } }),
    'permits.0.when.attributes.recipient.sameAs',
    '`attributes.recipient` is compared with itself',
  ],
  [
    'within naming no limit',
    permitWhen({ 'attributes.attachments': { within: 'filse' } }),
    'permits.0.when.attributes.attachments.within',
    '`within` names no limit: no limit is called `filse`',
    'files',
  ],
  [
    'an empty in',
    permitWhen({ 'attributes.subject': { in: [] } }),
    'permits.0.when.attributes.subject.in',
    '`in: []` could never hold',
  ],
  [
    'an empty intersects',
    permitWhen({ 'attributes.cc': { intersects: [] } }),
    'permits.0.when.attributes.cc.intersects',
    '`intersects: []` could never hold',
  ],
  [
    'atLeast over atMost',
    permitWhen({ 'attributes.attachments': { atLeast: 3, atMost: 2 } }),
    'permits.0.when.attributes.attachments',
    'no `attributes.attachments` could ever meet all of this',
  ],
  [
    'an hour the day does not have',
    permitWhen({ 'now.hour': { atLeast: 24 } }),
    'permits.0.when.now.hour',
    'no `now.hour` could ever meet all of this',
  ],
  [
    'is something notIn rules out',
    permitWhen({ 'attributes.subject': { is: 'a', notIn: ['a'] } }),
    'permits.0.when.attributes.subject',
    'no `attributes.subject` could ever meet all of this',
  ],
  [
    'absent and compared',
    permitWhen({ 'attributes.subject': { is: 'a', present: false } }),
    'permits.0.when.attributes.subject.present',
    '`attributes.subject` could never be absent and compared too',
  ],
  [
    'a path compared with nothing',
    permitWhen({ 'attributes.subject': {} }),
    'permits.0.when.attributes.subject',
    '`attributes.subject` is compared with nothing',
  ],
  [
    'a permit resting on a model',
    permitWhen({ 'facts.sentiment': { is: 'calm' } }),
    'permits.0.when.facts.sentiment',
    '`facts.sentiment` is derived by a model, so it may only narrow; a permit cannot rest on it',
  ],
  [
    'a permit compared with a model fact',
    permitWhen({ 'attributes.subject': { sameAs: 'facts.sentiment' } }),
    'permits.0.when.attributes.subject.sameAs',
    '`facts.sentiment` is derived by a model, so it may only narrow; a permit cannot rest on it',
  ],
  [
    'a read without fields',
    { permits: [{ id: 'p', verb: 'read', record: 'crm.order' }] },
    'permits.0',
    'a permit of `read` must say its `fields`; `fields: []` means none',
  ],
  [
    'fields of a send',
    { permits: [{ id: 'p', ...reply, fields: [] }] },
    'permits.0.fields',
    '`fields` belong to `read`, not to `send`',
  ],
  [
    'an unknown field',
    { permits: [{ id: 'p', verb: 'read', record: 'crm.order', fields: ['status', 'totl'] }] },
    'permits.0.fields.1',
    '`crm.order` has no field `totl`',
    'total',
  ],
  [
    'a sum of text',
    { limits: [{ id: 'l', ...reply, per: 'day', atMost: 1, sum: 'subject' }] },
    'limits.0.sum',
    '`subject` is text; only money and number can be summed',
  ],
  [
    'a sum of nothing known',
    { limits: [{ id: 'l', ...reply, per: 'day', atMost: 1, sum: 'attachment' }] },
    'limits.0.sum',
    '`send mailbox.reply` has no attribute `attachment` to sum',
    'attachments',
  ],
  [
    'one id twice',
    { permits: [{ id: 'a', ...reply }], forbids: [{ id: 'a', ...reply, reason: 'x' }] },
    'forbids.0.id',
    'id `a` is already taken',
  ],
  [
    'a case value both required and optional',
    { case: { sender: 'address', 'sender?': 'address' } },
    'case.sender?',
    '`sender` cannot be both required and optional',
  ],
])('refuses %s', (_, charter, path, message, suggestion) => {
  const [problem, ...others] = problemsOf(charter);
  expect(others).toEqual([]);
  expect({ path: problem?.path.join('.'), message: problem?.message, suggestion: problem?.suggestion }).toEqual({
    path,
    message,
    suggestion,
  });
});

describe('house rules', () => {
  it.each<[string, Partial<HouseInput>]>([
    ['a verb on any record that no action has', { forbids: [{ id: 'f', verb: 'invite', record: '*', reason: 'x' }] }],
    [
      'a whole system that is not registered',
      { forbids: [{ id: 'f', verb: 'any', record: 'payroll.*', reason: 'x' }] },
    ],
    [
      'an attribute of no action, by a wildcard',
      { gates: [{ id: 'g', verb: 'any', record: '*', when: { 'attributes.iban': { present: true } }, reason: 'x' }] },
    ],
    [
      'a case value other charters have',
      { gates: [{ id: 'g', verb: 'any', record: '*', when: { 'case.vip': { is: true } }, reason: 'x' }] },
    ],
    [
      'a fact of a model',
      {
        gates: [{ id: 'g', verb: 'send', record: '*', when: { 'facts.sentiment': { notIn: ['calm'] } }, reason: 'x' }],
      },
    ],
  ])('may name %s', (_, house) => {
    expect(problemsOf({}, house)).toEqual([]);
  });

  it('speak in a charter whose case lacks what they name, since it is unknown there', () => {
    const when = { 'attributes.recipient': { sameAs: 'case.blocked' } };
    const policy = aPolicy({}, { forbids: [{ id: 'f', ...reply, when, reason: 'blocked' }] });
    expect(authorize(aRequest(), policy, nothingRevoked).determining[0]?.reason).toBe(
      'blocked (unknown: `attributes.recipient` or `case.blocked`)',
    );
  });

  it.each<[string, Partial<HouseInput>, string, string?]>([
    [
      'a misspelt system',
      { forbids: [{ id: 'f', verb: 'any', record: 'mailbax.*', reason: 'x' }] },
      'forbids.0.record',
      'mailbox.*',
    ],
    [
      'an exact record nobody has',
      { forbids: [{ id: 'f', verb: 'send', record: 'payroll.slip', reason: 'x' }] },
      'forbids.0.record',
    ],
    [
      'a misspelt attribute',
      { gates: [{ id: 'g', verb: 'any', record: '*', when: { 'attributes.domian': { present: true } }, reason: 'x' }] },
      'gates.0.when.attributes.domian',
      'attributes.domain',
    ],
    [
      'a fact nobody looks up',
      { gates: [{ id: 'g', verb: 'any', record: '*', when: { 'facts.sentimnt': { is: 'x' } }, reason: 'x' }] },
      'gates.0.when.facts.sentimnt',
      'facts.sentiment',
    ],
    [
      'a limit',
      { gates: [{ id: 'g', ...reply, when: { 'attributes.attachments': { within: 'files' } }, reason: 'x' }] },
      'gates.0.when.attributes.attachments.within',
    ],
    [
      'one class twice',
      { classes: [1, 2].map(() => ({ class: 'c', says: 's', gate: 'hard', applies: [reply] }) as never) },
      'classes.1.class',
    ],
  ])('may not name %s', (_, house, path, suggestion) => {
    const problems = problemsOf({}, house);
    expect(problems.map((each) => [each.source, each.path.join('.'), each.suggestion])).toEqual([
      ['house', path, suggestion],
    ]);
  });
});

it.each<[string, Partial<HouseInput>]>([
  ['assurance.verdict', { assurance: { verdict: 'unverified' } }],
  ['assurance.restore', { assurance: { restore: 'unverified' } }],
  [
    'classes.0.assurance',
    { classes: [{ class: 'c', says: 's', gate: 'hard', assurance: 'unverified', applies: [reply] }] },
  ],
])('`%s` of a production house is never unverified; that of a development house may be', (path, house) => {
  const problems = problemsOf({}, { profile: 'production', ...house });
  expect(problems.map((each) => [each.source, each.path.join('.')])).toEqual([['house', path]]);
  expect(problemsOf({}, house)).toEqual([]);
});

it('carries every problem at once, of both files', () => {
  const charter = {
    permits: [
      { id: 'p', ...reply, when: { 'attributes.a': { is: 1 } } },
      { id: 'p', verb: 'read', record: 'crm.order' },
    ],
  } as const;
  const problems = problemsOf(charter as never, { forbids: [{ id: 'f', verb: 'send', record: 'a.b', reason: 'x' }] });
  expect(problems.map(({ source }) => source)).toEqual(['charter', 'charter', 'charter', 'house']);
});

it('tells which facts and limits a verb and record rest on', () => {
  const policy = aPolicy(
    {
      permits: [
        {
          id: 'p',
          ...reply,
          when: { 'facts.recipientIsCustomer': { is: true }, 'attributes.attachments': { within: 'files' } },
        },
      ],
      limits: [
        { id: 'files', verb: 'draft', record: 'mailbox.reply', per: 'day', atMost: 9 },
        { id: 'replies', ...reply, per: 'case', atMost: 1 },
      ],
    },
    { gates: [{ id: 'g', verb: 'any', record: '*', when: { 'facts.sentiment': { notIn: ['calm'] } }, reason: 'x' }] },
  );
  expect(policy.factsFor('send', 'mailbox.reply')).toEqual(['recipientIsCustomer', 'sentiment']);
  expect(policy.factsFor('write', 'crm.note')).toEqual(['sentiment']);
  expect(policy.limitsFor('send', 'mailbox.reply').map(({ id }) => id)).toEqual(['files', 'replies']);
  expect(policy.limitsFor('write', 'crm.note')).toEqual([]);
});

it.each([
  ['what a permit names', {}, ['mailbox.sendReply']],
  ['nothing its level denies', { level: 'read-only' }, []],
  ['what its level keeps as drafts', { level: 'draft-only' }, ['mailbox.sendReply']],
  ['nothing that is forbidden whatever happens', { forbids: [{ id: 'f', ...reply, reason: 'x' }] }, []],
  [
    'what is forbidden only sometimes',
    { forbids: [{ id: 'f', ...reply, when: { 'attributes.urgent': { is: true } }, reason: 'x' }] },
    ['mailbox.sendReply'],
  ],
] as const)('offers %s', (_, charter, names) => {
  expect(aPolicy(charter as never).offers).toEqual(names);
});

it('keeps two actions on one verb and record apart by what they declare', () => {
  const other = anAction({ name: 'mailbox.sendForward', ...reply, attributes: { forwardTo: 'address' } });
  const permits = [{ id: 'p', ...reply, when: { 'attributes.forwardTo': { sameAs: 'case.sender' } } }] as const;
  const policy = aPolicy({ permits: [...permits] }, {}, aVocabulary({ actions: [other] }));
  const forward = aRequest({ action: 'mailbox.sendForward', attributes: { forwardTo: 'dana@acme.example' } });
  expect(authorize(forward, policy, nothingRevoked).outcome).toBe('permit');
  expect(authorize(aRequest(), policy, nothingRevoked).outcome).toBe('deny');
});

it('answers in microseconds among five hundred statements', () => {
  const actions = Array.from({ length: 50 }, (_, index) =>
    anAction({ name: `sys.act${index}`, verb: 'send', record: `sys.rec${index}`, attributes: { to: 'address' } }),
  );
  const permits = Array.from({ length: 500 }, (_, index) => ({
    id: `p-${index}`,
    verb: 'send' as const,
    record: `sys.rec${index % 50}`,
    when: { 'attributes.to': { in: [`a${index}@x.example`, 'dana@acme.example'] } },
  }));
  const policy = aPolicy({ permits }, {}, { actions, facts: [] });
  const request = aRequest({ action: 'sys.act7', record: 'sys.rec7', attributes: { to: 'dana@acme.example' } });
  const times = Array.from({ length: 20 }, () => {
    const from = performance.now();
    for (let round = 0; round < 200; round++) authorize(request, policy, nothingRevoked);
    return ((performance.now() - from) / 200) * 1000;
  });
  // Generous for a shared machine: the point is that other records' statements cost nothing.
  expect(Math.min(...times)).toBeLessThan(100);
  if (process.env.SHOW_TIMES) console.log(Math.min(...times));
});
