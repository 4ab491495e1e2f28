import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MUTANTS } from '../../proof/mutants.ts';

const ROOT = join(import.meta.dirname, '../..');
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** What a replacement imports at run time, and the names it takes from there. */
const IMPORT = /const \{ ([^}]+) \} = await import\('([^']+)'\)/g;
const TITLE = /\(\s*(['"`])(.+?)\1,/g;

describe.each(MUTANTS)('the mutant "$control"', ({ file, find, replace, test }) => {
  it('finds its text once in the source', () => {
    expect(textOf(file).split(find).length - 1).toBe(1);
  });

  it('names a test that is there', () => {
    const titles = [...textOf(test.file).matchAll(TITLE)].map(([, , title]) => title ?? '');
    expect(titles.filter((title) => title.includes(test.name))).not.toEqual([]);
  });

  it('imports only what is there', async () => {
    for (const [, names = '', specifier = ''] of replace.matchAll(IMPORT)) {
      const module = (await import(join(ROOT, dirname(file), specifier))) as Readonly<Record<string, unknown>>;
      for (const name of names.split(',')) expect(Object.keys(module)).toContain(name.trim());
    }
  });
});
