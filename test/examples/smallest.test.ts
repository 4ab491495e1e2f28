import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import app from '../../examples/smallest/app.ts';
import { loadPolicies } from '../../src/charters/load-policies.ts';
import { Registry } from '../../src/activities/registry.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The code blocks of the README, each with the file its first line names. */
async function shown(): Promise<ReadonlyMap<string, string>> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const blocks = readme.matchAll(/^```\w+\n(?:\/\/|#) (examples\/\S+)\n([\s\S]*?)^```$/gm);
  return new Map([...blocks].map(([, file = '', text = '']) => [file, text]));
}

it.each(['examples/smallest/app.ts', 'examples/smallest/thank-you-letters.charter.yaml'])(
  'the README shows %s word for word',
  async (file) => {
    expect((await shown()).get(file)).toBe(await readFile(join(ROOT, file), 'utf8'));
  },
);

it('the smallest example begins before line 40 of the README', async () => {
  const lines = (await readFile(join(ROOT, 'README.md'), 'utf8')).split('\n');
  expect(lines.indexOf('// examples/smallest/app.ts')).toBeGreaterThan(0);
  expect(lines.indexOf('// examples/smallest/app.ts')).toBeLessThan(40);
});

it('the smallest charter loads and lets its agent send one kind of letter', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'smallest-'));
  const opened = await app.open({ databaseUrl: '', smtpUrl: '', dataDir });
  const vocabulary = new Registry({ actions: opened.actions, facts: opened.facts, exempt: [] }).vocabulary();
  const { house, revisions } = await loadPolicies({ ...app, vocabulary });
  expect(house.house).toBe('smallest');
  expect(revisions.map(({ charter, policy }) => [charter, policy.offers])).toEqual([
    ['thank-you-letters', ['post.sendLetter']],
  ]);
  await opened.close();
  await rm(dataDir, { recursive: true });
});
