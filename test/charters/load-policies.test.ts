import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CharterError } from '../../src/charters/charter-error.ts';
import { loadPolicies } from '../../src/charters/load-policies.ts';
import { aVocabulary } from '../support/policy.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'charters-'));
});
afterEach(() => rm(folder, { recursive: true }));

const charterNamed = (name: string) =>
  `charter: ${name}\nagent: desk\nowner: Robin\npurpose: test\nlevel: read-only\ncase: {}\n`;

async function load(files: Readonly<Record<string, string | Uint8Array>>) {
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return loadPolicies({ chartersDir: folder, houseRulesFile: join(folder, 'house.yaml'), vocabulary: aVocabulary() });
}

/** What loading says, with the folder left out. */
async function said(files: Readonly<Record<string, string | Uint8Array>>): Promise<readonly string[]> {
  const error: unknown = await load(files).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CharterError)) throw new Error('no CharterError was thrown', { cause: error });
  return error.message.replaceAll(`${folder}/`, '').split('\n');
}

it('loads every charter of a folder in the order of the file names, and nothing else there', async () => {
  const { house, revisions } = await load({
    'house.yaml': 'house: acme\n',
    'b.charter.yaml': charterNamed('second'),
    'a.charter.yaml': charterNamed('first'),
    'notes.txt': 'not a charter',
  });
  expect([house.house, house.profile]).toEqual(['acme', 'production']);
  expect(revisions.map(({ charter }) => charter)).toEqual(['first', 'second']);
});

const house = { 'house.yaml': 'house: acme\n' };

it.each<[string, Readonly<Record<string, string | Uint8Array>>, readonly string[]]>([
  [
    'two charters of one name, naming both files',
    { ...house, 'a.charter.yaml': charterNamed('x'), 'b.charter.yaml': charterNamed('x') },
    ['b.charter.yaml:1:1: charter `x` is already in `a.charter.yaml`'],
  ],
  [
    'house rules that are not there',
    { 'a.charter.yaml': charterNamed('x') },
    ['house.yaml:1:1: cannot be read (ENOENT)'],
  ],
  [
    'a file with the wrong ending',
    { ...house, 'a.charter.yml': charterNamed('x') },
    ['a.charter.yml:1:1: a charter file ends in `.charter.yaml`'],
  ],
  [
    'bytes that are no UTF-8',
    { ...house, 'a.charter.yaml': new Uint8Array([0x61, 0xff]) },
    ['a.charter.yaml:1:1: the file is not UTF-8'],
  ],
  [
    'a file over its size',
    { ...house, 'a.charter.yaml': 'x'.repeat(1_000_001) },
    ['a.charter.yaml:1:1: the file is over 1000000 bytes'],
  ],
  [
    'bad house rules once, however many charters there are',
    {
      'house.yaml': 'hose: acme\nhouse: acme\n',
      'a.charter.yaml': charterNamed('x'),
      'b.charter.yaml': charterNamed('y'),
    },
    ['house.yaml:1:1: unknown key `hose` (did you mean `house`?)'],
  ],
  ['bad house rules without any charter', { 'house.yaml': '' }, ['house.yaml:1:1: the file is empty']],
  [
    'every bad file at once',
    { ...house, 'a.charter.yaml': charterNamed('X'), 'b.charter.yaml': charterNamed('y').replace('level', 'levl') },
    [
      'a.charter.yaml:1:10: must be lower-case words joined by hyphens',
      'b.charter.yaml:5:1: unknown key `levl` (did you mean `level`?)',
    ],
  ],
])('refuses %s', async (_, files, lines) => {
  expect(await said(files)).toEqual(lines);
});

it('refuses a folder that is not there', async () => {
  await writeFile(join(folder, 'house.yaml'), 'house: acme\n');
  const files = {
    chartersDir: join(folder, 'none'),
    houseRulesFile: join(folder, 'house.yaml'),
    vocabulary: aVocabulary(),
  };
  await expect(loadPolicies(files)).rejects.toThrow(/none:1:1: cannot be read \(ENOENT\)/);
});
