import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const textOf = (paper: string) => readFileSync(join(ROOT, paper), 'utf8');
const named = (folder: string) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
const papers = ['README.md', 'AGENTS.md', 'CHANGELOG.md', ...named('docs'), ...named('docs/adr')];

it.each(papers)('every file that %s links to is there', (paper) => {
  const links = [...textOf(paper).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
  const lost = links.filter((link) => !existsSync(join(ROOT, dirname(paper), link)));
  expect(lost).toEqual([]);
});

it('every source file the architecture names is there', () => {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  const names = [...textOf('docs/architecture.md').matchAll(/`([\w./-]+\.ts)`/g)].map(([, name = '']) => name);
  const lost = names.filter(
    (name) => !existsSync(join(ROOT, name)) && !sources.some((source) => `/${source}`.endsWith(`/${name}`)),
  );
  expect(names.length).toBeGreaterThan(30);
  expect(lost).toEqual([]);
});

it.each(['src/policy', 'src/workflows', 'src/ledger', 'src/activities'])(
  'the code map names every file of %s',
  (room) => {
    const [, rest = ''] = textOf('docs/architecture.md').split(`### \`${room}\``);
    const [told = ''] = rest.split(/^##/m);
    const files = readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    expect(files.filter((file) => !told.includes(`\`${file}\``))).toEqual([]);
  },
);

it('every package is named among the dependencies with its version', () => {
  const { dependencies, devDependencies } = JSON.parse(textOf('package.json')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >;
  const told = textOf('docs/dependencies.md');
  const untold = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([name, version]) => !told.includes(`\`${name}\``) || !told.includes(version),
  );
  expect(untold).toEqual([]);
});

it.each(named('docs/adr'))('%s is short', (paper) => {
  expect(textOf(paper).split('\n').length).toBeLessThan(30);
});
