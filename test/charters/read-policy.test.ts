import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CharterError } from '../../src/charters/charter-error.ts';
import { jsonSchemas } from '../../src/charters/json-schema.ts';
import { readPolicy } from '../../src/charters/read-policy.ts';
import { aVocabulary } from '../support/policy.ts';

const goodCharter = `# replies about orders
charter: order-status
agent: order-desk
owner: Robin Marsh
purpose: Answer customers who ask where their order is.
level: selected-sends
case:
  sender: address
  voucher?: text
permits:
  - id: read-order
    verb: read
    record: crm.order
    fields: [status]
  - id: send-reply
    verb: send
    record: mailbox.reply
    when:
      attributes.recipient: { sameAs: case.sender }
`;
const goodHouse = `house: acme
profile: development
classes:
  - class: external-email
    says: mail leaves the house
    gate: hard
    applies: [{ verb: send, record: '*' }]
`;

function read(charterText: string, houseText = goodHouse) {
  return readPolicy({
    charterFile: 'a.yaml',
    charterText,
    houseFile: 'house.yaml',
    houseText,
    vocabulary: aVocabulary(),
  });
}

/** The problems as people see them, one a line. */
function said(charterText: string, houseText = goodHouse): readonly string[] {
  try {
    read(charterText, houseText);
    return [];
  } catch (error) {
    if (error instanceof CharterError) return error.message.split('\n');
    throw error;
  }
}

/** The good charter with one part written otherwise. */
const but = (from: string, to: string) => goodCharter.replace(from, to);

it('makes a revision of two texts, named by the digest of both', () => {
  const revision = read(goodCharter);
  expect(revision).toMatchObject({ charter: 'order-status', charterText: goodCharter, houseText: goodHouse });
  expect(revision.revision).toBe(createHash('sha256').update(`${goodCharter}\0${goodHouse}`).digest('hex'));
  expect(revision.policy.revision).toBe(revision.revision);
  expect(revision.policy.offers).toEqual(['crm.readOrder', 'mailbox.sendReply']);
});

it.each<[string, string, string]>([
  ['an unknown key', but('purpose:', 'purpos:'), 'a.yaml:5:1: unknown key `purpos` (did you mean `purpose`?)'],
  [
    'a nested unknown key',
    but('    fields:', '    feilds:'),
    'a.yaml:14:5: unknown key `feilds` (did you mean `fields`?)',
  ],
  ['an unknown operator', but('sameAs', 'sameas'), 'a.yaml:19:31: unknown key `sameas` (did you mean `sameAs`?)'],
  [
    'a wrong level',
    but('selected-sends', 'selected-send'),
    'a.yaml:6:8: `selected-send` must be one of `read-only`, `draft-only`, `low-risk-writes`, `selected-sends`, `high-impact` (did you mean `selected-sends`?)',
  ],
  [
    'a wrong type',
    but('sender: address', 'sender: adress'),
    'a.yaml:8:11: `adress` must be one of `text`, `number`, `money`, `flag`, `address`, `domain`, `customer`, `text[]`, `address[]`, `domain[]`, `customer[]` (did you mean `address`?)',
  ],
  ['a missing key', but('owner: Robin Marsh\n', ''), 'a.yaml:2:1: `owner` is missing'],
  ['a missing choice', but('level: selected-sends\n', ''), 'a.yaml:2:1: `level` is missing'],
  ['a missing key of a statement', but('    record: crm.order\n', ''), 'a.yaml:11:5: `record` is missing'],
  ['an empty value', but('owner: Robin Marsh', 'owner:'), 'a.yaml:4:7: an empty value must be a text'],
  ['an empty text', but('owner: Robin Marsh', 'owner: ""'), 'a.yaml:4:8: must not be empty'],
  ['a number for a name', but('owner: Robin Marsh', 'owner: 7'), 'a.yaml:4:8: `7` must be a text'],
  [
    'a list for a map',
    but('level: selected-sends', 'level: [a]'),
    'a.yaml:6:1: a list must be one of `read-only`, `draft-only`, `low-risk-writes`, `selected-sends`, `high-impact`',
  ],
  [
    'a wrong case name',
    but('voucher?', 'Voucher'),
    'a.yaml:9:3: `Voucher` must be a name such as `orderId` or `orderId?`',
  ],
  [
    'a wrong root of a path',
    but('attributes.recipient', 'attribute.recipient'),
    'a.yaml:19:7: `attribute.recipient` must start with attributes., case., facts., past. or now. (did you mean `attributes.recipient`?)',
  ],
  [
    'an unknown attribute',
    but('attributes.recipient', 'attributes.recipent'),
    'a.yaml:19:7: unknown path `attributes.recipent` of `send mailbox.reply` (did you mean `attributes.recipient`?)',
  ],
  [
    'an unknown path to compare with',
    but('case.sender', 'case.sendr'),
    'a.yaml:19:39: `sameAs` names no path: `case.sendr` (did you mean `case.sender`?)',
  ],
  [
    'an unknown record',
    but('crm.order', 'crm.ordr'),
    'a.yaml:13:13: no registered action is on `crm.ordr` (did you mean `crm.order`?)',
  ],
  [
    'an unknown field',
    but('[status]', '[status, totel]'),
    'a.yaml:14:22: `crm.order` has no field `totel` (did you mean `total`?)',
  ],
  [
    'a wrong verb',
    but('verb: send', 'verb: sned'),
    'a.yaml:16:11: `sned` must be one of `read`, `draft`, `propose`, `write`, `send`, `delete`, `purchase`, `refund`, `approve`, `invite` (did you mean `send`?)',
  ],
  [
    'a wrong verb of a gate',
    `${goodCharter}gates:\n  - { id: g, verb: [sned], record: '*', reason: x }\n`,
    'a.yaml:21:21: `sned` must be one of `read`, `draft`, `propose`, `write`, `send`, `delete`, `purchase`, `refund`, `approve`, `invite` (did you mean `send`?)',
  ],
  [
    'a wrong single verb of a gate',
    `${goodCharter}gates:\n  - { id: g, verb: anny, record: '*', reason: x }\n`,
    'a.yaml:21:20: `anny` must be one of `any`, `read`, `draft`, `propose`, `write`, `send`, `delete`, `purchase`, `refund`, `approve`, `invite` (did you mean `any`?)',
  ],
  [
    'a fraction',
    but('{ sameAs: case.sender }', '{ in: [1.5] }'),
    'a.yaml:19:36: `1.5` must be a text, a whole number, true, false or a list of them',
  ],
  ['a key twice', but('level:', 'owner: Other\nlevel:'), 'a.yaml:6:1: this key is already there'],
  ['a text left open', but('Robin Marsh', '"Robin'), 'a.yaml:20:1: missing closing "quote'],
  [
    'an alias',
    but('Robin Marsh', '&me Robin').replace('Answer customers who ask where their order is.', '*me'),
    'a.yaml:4:12: anchors are refused: `&me`',
  ],
  ['a tag of its own', but('Robin Marsh', '!secret Robin'), 'a.yaml:4:8: unresolved tag: !secret'],
  [
    'a second document',
    `${goodCharter}---\ncharter: x\n`,
    'a.yaml:20:1: source contains multiple documents; please use YAML.parseAllDocuments()',
  ],
  ['an empty file', '# nothing\n', 'a.yaml:1:1: the file is empty'],
  ['no text at all', '', 'a.yaml:1:1: the file is empty'],
  ['a file that is a list', '- a\n', 'a.yaml:1:1: a list must be a map'],
  ['a file over its size', `#${'x'.repeat(1_000_000)}`, 'a.yaml:1:1: the file is over 1000000 bytes'],
])('points at %s', (_, text, line) => {
  expect(said(text)[0]).toBe(line);
});

it.each([
  ['deep lists', '['.repeat(50_000)],
  ['deep lists that close', `charter: ${'['.repeat(2_000)}${']'.repeat(2_000)}`],
  ['deeper lists that close', `charter: ${'['.repeat(50_000)}${']'.repeat(50_000)}`],
  ['deep maps', '{a: '.repeat(20_000)],
  ['deep blocks', '- '.repeat(20_000)],
])('refuses %s without falling over', (_, text) => {
  expect(said(text).length).toBeGreaterThan(0);
});

it('refuses a bomb of aliases', () => {
  const levels = Array.from({ length: 9 }, (_, index) => `a${index + 1}: &a${index + 1} [${`*a${index}, `.repeat(9)}]`);
  const lines = said(['a0: &a0 [x]', ...levels].join('\n'));
  expect(lines.some((line) => line.includes('aliases are refused: write out what `*a0` stands for'))).toBe(true);
});

it('tells every problem of both files at once, in the order of their lines', () => {
  const charter = but('crm.order', 'crm.ordr').replace('case.sender', 'case.sendr');
  const house = goodHouse.replace("record: '*'", 'record: mailbax.*');
  expect(said(charter, house).map((line) => line.split(' ')[0])).toEqual([
    'a.yaml:13:13:',
    'a.yaml:19:39:',
    'house.yaml:7:37:',
  ]);
  expect(said('charter: [', 'house: [').map((line) => line.split(':')[0])).toEqual(['a.yaml', 'house.yaml']);
});

it.each([
  ['`__proto__` as a key', `${goodCharter}__proto__: { level: high-impact }\n`],
  ['`__proto__` as a case value', but('sender: address', '__proto__: address')],
  ['`constructor` as an attribute', but('attributes.recipient', 'attributes.constructor')],
])('refuses %s', (_, text) => {
  expect(said(text)[0]).toMatch(/^a\.yaml:\d+:\d+: /);
});

describe('published JSON Schemas', () => {
  it('name every key of both files', () => {
    const { charter, houseRules } = jsonSchemas() as {
      charter: { properties: object };
      houseRules: { properties: object };
    };
    expect(Object.keys(charter.properties)).toContain('permits');
    expect(Object.keys(houseRules.properties)).toContain('classes');
  });
});
