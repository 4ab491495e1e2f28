import { expect, it } from 'vitest';
import { authorize } from '../../src/policy/authorize.ts';
import type { Condition, Truth } from '../../src/policy/condition.ts';
import type { AuthorizationRequest, LiveState } from '../../src/policy/request.ts';
import { aPolicy, aRequest, known, nothingRevoked, unknownFact } from '../support/policy.ts';

/** What a condition says, seen from outside: a permit speaks on true alone, a forbid on all but false. */
function truthOf(when: Condition, request: AuthorizationRequest, live: LiveState = nothingRevoked): Truth {
  const limits = [{ id: 'files', verb: 'write', record: 'crm.note', per: 'day', atMost: 5 }] as const;
  const send = { verb: 'send', record: 'mailbox.reply' } as const;
  const permitted = authorize(request, aPolicy({ permits: [{ id: 'p', ...send, when }], limits: [...limits] }), live);
  const forbidden = authorize(
    request,
    aPolicy({ forbids: [{ id: 'f', ...send, when, reason: 'no' }], limits: [...limits] }),
    live,
  );
  if (permitted.determining.some(({ id }) => id === 'charter:p')) return 'true';
  return forbidden.determining.some(({ id }) => id === 'charter:f') ? 'unknown' : 'false';
}

const given = aRequest().attributes;
const sending = (attributes: AuthorizationRequest['attributes']) =>
  aRequest({ attributes: { ...given, ...attributes } });
const without = (name: string) =>
  aRequest({ attributes: Object.fromEntries(Object.entries(given).filter(([key]) => key !== name)) });
const used = (files: number): LiveState => ({ ...nothingRevoked, limits: { files } });

it.each<[Truth, string, Condition, AuthorizationRequest, LiveState?]>([
  ['true', 'is the value', { 'attributes.subject': { is: 'Hi' } }, sending({ subject: 'Hi' })],
  ['false', 'is another value', { 'attributes.subject': { is: 'Hi' } }, sending({ subject: 'Ho' })],
  ['unknown', 'is missing', { 'attributes.subject': { is: 'Hi' } }, without('subject')],
  ['unknown', 'is of another type', { 'attributes.subject': { is: 'Hi' } }, sending({ subject: 7 })],
  ['unknown', 'is null', { 'attributes.subject': { is: 'Hi' } }, sending({ subject: null })],
  ['true', 'is false, as a flag', { 'attributes.urgent': { is: false } }, sending({ urgent: false })],
  ['unknown', 'is a flag as text', { 'attributes.urgent': { is: true } }, sending({ urgent: 'true' })],
  [
    'true',
    'is an address in capitals',
    { 'attributes.recipient': { is: 'Dana@acme.example' } },
    sending({ recipient: 'dana@ACME.example' }),
  ],
  [
    'unknown',
    'is an address with a name around it',
    { 'attributes.recipient': { is: 'dana@acme.example' } },
    sending({ recipient: 'Dana <dana@acme.example>' }),
  ],
  [
    'true',
    'is a domain with its final dot',
    { 'attributes.domain': { is: 'evil.example' } },
    sending({ domain: 'EVIL.example.' }),
  ],
  [
    'unknown',
    'is a domain in look-alike letters',
    { 'attributes.domain': { is: 'evil.example' } },
    sending({ domain: 'еvil.example' }),
  ],
  [
    'true',
    'is in the list',
    { 'attributes.domain': { in: ['a.example', 'b.example'] } },
    sending({ domain: 'b.example' }),
  ],
  ['false', 'is not in the list', { 'attributes.domain': { in: ['a.example'] } }, sending({ domain: 'b.example' })],
  ['unknown', 'is missing from a list', { 'attributes.domain': { in: ['a.example'] } }, without('domain')],
  ['true', 'is a number in the list', { 'attributes.attachments': { in: [1, 2] } }, sending({ attachments: 2 })],
  ['true', 'is outside notIn', { 'attributes.domain': { notIn: ['a.example'] } }, sending({ domain: 'b.example' })],
  ['false', 'is inside notIn', { 'attributes.domain': { notIn: ['a.example'] } }, sending({ domain: 'A.example' })],
  ['unknown', 'is missing from notIn', { 'attributes.domain': { notIn: ['a.example'] } }, without('domain')],
  ['true', 'is just atMost', { 'attributes.attachments': { atMost: 2 } }, sending({ attachments: 2 })],
  ['false', 'is over atMost', { 'attributes.attachments': { atMost: 2 } }, sending({ attachments: 3 })],
  ['unknown', 'is a fraction', { 'attributes.attachments': { atMost: 2 } }, sending({ attachments: 1.5 })],
  ['unknown', 'is a number as text', { 'attributes.attachments': { atMost: 2 } }, sending({ attachments: '1' })],
  ['true', 'is just atLeast', { 'attributes.attachments': { atLeast: 2 } }, sending({ attachments: 2 })],
  ['false', 'is under atLeast', { 'attributes.attachments': { atLeast: 2 } }, sending({ attachments: 1 })],
  ['unknown', 'is missing from atLeast', { 'attributes.attachments': { atLeast: 2 } }, without('attachments')],
  [
    'true',
    'is a subset',
    { 'attributes.cc': { subsetOf: ['a@x.example', 'b@x.example'] } },
    sending({ cc: ['B@x.example'] }),
  ],
  ['true', 'is an empty subset', { 'attributes.cc': { subsetOf: ['a@x.example'] } }, sending({ cc: [] })],
  [
    'false',
    'is more than the subset',
    { 'attributes.cc': { subsetOf: ['a@x.example'] } },
    sending({ cc: ['a@x.example', 'c@x.example'] }),
  ],
  [
    'unknown',
    'has one element that is no address',
    { 'attributes.cc': { subsetOf: ['a@x.example'] } },
    sending({ cc: ['a@x.example', 3] }),
  ],
  [
    'true',
    'intersects',
    { 'attributes.cc': { intersects: ['a@x.example'] } },
    sending({ cc: ['a@x.example', 'c@x.example'] }),
  ],
  ['false', 'does not intersect', { 'attributes.cc': { intersects: ['a@x.example'] } }, sending({ cc: [] })],
  ['unknown', 'intersects what is missing', { 'attributes.cc': { intersects: ['a@x.example'] } }, without('cc')],
  ['true', 'is present', { 'attributes.subject': { present: true } }, sending({ subject: '' })],
  ['false', 'is known to be none', { 'attributes.subject': { present: true } }, sending({ subject: null })],
  ['true', 'is absent from an optional case value', { 'case.voucher': { present: false } }, aRequest()],
  [
    'false',
    'is given in an optional case value',
    { 'case.voucher': { present: false } },
    aRequest({ case: { sender: 'dana@acme.example', voucher: 'V1' } }),
  ],
  ['unknown', 'is nowhere to be seen', { 'attributes.subject': { present: false } }, without('subject')],
  [
    'true',
    'is the same as the case says',
    { 'attributes.recipient': { sameAs: 'case.sender' } },
    sending({ recipient: 'DANA@acme.example' }),
  ],
  [
    'false',
    'is not the same',
    { 'attributes.recipient': { sameAs: 'case.sender' } },
    sending({ recipient: 'eve@evil.example' }),
  ],
  [
    'unknown',
    'is compared with a missing case value',
    { 'attributes.recipient': { sameAs: 'case.sender' } },
    aRequest({ case: {} }),
  ],
  [
    'true',
    'is within the limit',
    { 'attributes.attachments': { within: 'files' } },
    sending({ attachments: 2 }),
    used(3),
  ],
  [
    'false',
    'is beyond the limit',
    { 'attributes.attachments': { within: 'files' } },
    sending({ attachments: 3 }),
    used(3),
  ],
  [
    'unknown',
    'is within a limit of unknown use',
    { 'attributes.attachments': { within: 'files' } },
    sending({ attachments: 3 }),
  ],
  [
    'unknown',
    'is a negative amount within a limit',
    { 'attributes.attachments': { within: 'files' } },
    sending({ attachments: -1 }),
    used(3),
  ],
  ['true', 'rests on a known fact', { 'facts.recipientIsCustomer': { is: true } }, aRequest()],
  [
    'unknown',
    'rests on a failed fact',
    { 'facts.recipientIsCustomer': { is: true } },
    aRequest({ facts: { recipientIsCustomer: unknownFact } }),
  ],
  [
    'unknown',
    'rests on a fact nobody looked up',
    { 'facts.recipientIsCustomer': { is: true } },
    aRequest({ facts: {} }),
  ],
  [
    'false',
    'rests on a fact that says no',
    { 'facts.recipientIsCustomer': { is: true } },
    aRequest({ facts: { recipientIsCustomer: known(false) } }),
  ],
  [
    'true',
    'counts what was done',
    { 'past.counts.send mailbox.reply': { atMost: 1 } },
    aRequest({ past: { labels: [], records: [], counts: { 'send mailbox.reply': 1 } } }),
  ],
  ['true', 'counts a call never made as none', { 'past.counts.send mailbox.reply': { atMost: 0 } }, aRequest()],
  [
    'true',
    'has read such a label',
    { 'past.labels': { intersects: ['untrusted'] } },
    aRequest({ past: { labels: ['untrusted'], records: [], counts: {} } }),
  ],
  [
    'false',
    'has read one label of two',
    { 'past.labels.untrusted': { is: true }, 'past.labels.sensitive': { is: true } },
    aRequest({ past: { labels: ['untrusted'], records: [], counts: {} } }),
  ],
  [
    'true',
    'has read both labels',
    { 'past.labels.untrusted': { is: true }, 'past.labels.sensitive': { is: true } },
    aRequest({ past: { labels: ['sensitive', 'untrusted'], records: [], counts: {} } }),
  ],
  ['true', 'is in the hour', { 'now.hour': { atLeast: 9, atMost: 17 } }, aRequest()],
  ['true', 'is that weekday', { 'now.weekday': { is: 'monday' } }, aRequest()],
  ['unknown', 'is at no time at all', { 'now.hour': { atLeast: 9 } }, aRequest({ now: Number.NaN })],
])('is %s when the value %s', (truth, _, when, request, live) => {
  expect(truthOf(when, request, live)).toBe(truth);
});

it('is false, not unknown, when one clause is false and another unknown', () => {
  const when: Condition = { 'attributes.subject': { is: 'Hi' }, 'facts.recipientIsCustomer': { is: true } };
  expect(truthOf(when, aRequest({ attributes: { subject: 'Ho' }, facts: {} }))).toBe('false');
});

it.each(['constructor', '__proto__', 'toString'])('does not take the inherited `%s` for a payload', (name) => {
  const vocabulary = {
    actions: [
      {
        name: 'a.b',
        verb: 'send',
        record: 'x.y',
        risk: 'low',
        draftable: false,
        fields: [],
        attributes: { [`${name}`]: 'text' },
      },
    ],
    facts: [],
  } as const;
  const permits = [
    { id: 'p', verb: 'send', record: 'x.y', when: { [`attributes.${name}`]: { present: true } } },
  ] as const;
  const request = aRequest({ action: 'a.b', record: 'x.y', attributes: {} });
  expect(authorize(request, aPolicy({ permits: [...permits] }, {}, vocabulary), nothingRevoked).outcome).toBe('deny');
});
