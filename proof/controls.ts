import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { MUTANTS } from './mutants.ts';
import type { Mutant } from './mutants.ts';
import { report } from './report.ts';
import { withServers } from './servers.ts';
import type { Servers } from './servers.ts';
import { Tally } from './tally.ts';
import type { Say } from './tally.ts';

const ROOT = join(import.meta.dirname, '..');
const COPIED = ['src', 'test', 'proof', 'examples', 'package.json', 'tsconfig.json'];

/** One vitest run a control; the servers are up already and shared by all of them. */
const CONFIG = `export default { test: { include: ['test/**/*.test.ts'], globalSetup: 'provide.ts', setupFiles: ['test/support/quiet.ts'], testTimeout: 30_000, hookTimeout: 60_000, maxWorkers: 2 } };\n`;
const PROVIDE = `export default ({ provide }) => {
  for (const [name, value] of Object.entries(JSON.parse(process.env.PROOF_SERVERS))) provide(name, value);
};\n`;

const RunSchema = z.object({
  testResults: z.array(
    z.object({
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).optional() }),
      ),
    }),
  ),
});
interface Run {
  readonly passed: readonly string[];
  /** Names of the tests that failed, with the first line of how. */
  readonly failed: readonly (readonly [name: string, how: string])[];
}

export interface Caught {
  readonly mutant: Mutant;
  readonly how: string;
}

/** Switches each control off in a copy of the sources, and expects its test, which passes with it, to fail. */
export async function proveControls(
  servers: Servers,
  mutants: readonly Mutant[],
  say: Say,
): Promise<{ tally: Tally; caught: readonly Caught[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'remit-controls-'));
  const tally = new Tally();
  try {
    await copyTree(folder);
    const bench: Bench = { folder, servers };
    await expectAllToPass(bench, mutants, tally);
    say(`with every control on: ${tally.passed} passed, ${tally.failures.length} failed`);
    return { tally, caught: await switchOffEach(bench, mutants, tally, say) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Bench {
  readonly folder: string;
  readonly servers: Servers;
}

async function copyTree(folder: string): Promise<void> {
  await Promise.all(COPIED.map((name) => cp(join(ROOT, name), join(folder, name), { recursive: true })));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  await writeFile(join(folder, 'vitest.config.ts'), CONFIG);
  await writeFile(join(folder, 'provide.ts'), PROVIDE);
}

async function expectAllToPass(bench: Bench, mutants: readonly Mutant[], tally: Tally): Promise<void> {
  const { passed, failed } = await runTests(bench, [...new Set(mutants.map(({ test }) => test.file))]);
  for (const [name, how] of failed) tally.check(false, `with every control on, "${name}" fails: ${how}`);
  for (const { control, test } of mutants)
    tally.check(
      passed.some((name) => name.includes(test.name)),
      `${control}: no test that passes is named "${test.name}"`,
    );
}

async function switchOffEach(
  bench: Bench,
  mutants: readonly Mutant[],
  tally: Tally,
  say: Say,
): Promise<readonly Caught[]> {
  const caught: Caught[] = [];
  for (const mutant of mutants) {
    const how = await switchedOff(bench, mutant);
    tally.check(how !== undefined, `${mutant.control}: "${mutant.test.name}" still passes`);
    caught.push({ mutant, how: how ?? 'NOT NOTICED' });
    say(`${how === undefined ? 'NOT NOTICED' : 'noticed'}: ${mutant.control}`);
  }
  return caught;
}

/** @returns how the test failed, or `undefined` when it did not */
async function switchedOff(bench: Bench, { file, find, replace, test }: Mutant): Promise<string | undefined> {
  const path = join(bench.folder, file);
  const source = await readFile(path, 'utf8');
  // A text that moved switches nothing off: the control counts as not noticed until proof/mutants.ts is up to date.
  if (source.split(find).length !== 2) return undefined;
  await writeFile(
    path,
    source.replace(find, () => replace),
  );
  try {
    const { failed } = await runTests(bench, [test.file], test.name);
    return failed.find(([name]) => name.includes(test.name))?.[1];
  } finally {
    await writeFile(path, source);
  }
}

async function runTests({ folder, servers }: Bench, files: readonly string[], name?: string): Promise<Run> {
  const output = join(folder, 'result.json');
  await rm(output, { force: true });
  const args = [
    join(ROOT, 'node_modules/vitest/vitest.mjs'),
    'run',
    ...files,
    ...(name === undefined ? [] : ['-t', name]),
    '--reporter=json',
    `--outputFile=${output}`,
  ];
  const env = { ...process.env, PROOF_SERVERS: JSON.stringify(servers) };
  await new Promise<void>((resolve) =>
    execFile(process.execPath, args, { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 }, () => resolve()),
  );
  const { testResults } = RunSchema.parse(JSON.parse(await readFile(output, 'utf8')));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const broken = testResults.filter(
    ({ assertionResults, message }) => assertionResults.length === 0 && message !== undefined && message !== '',
  );
  if (broken.length > 0) throw new Error(`a test file could not be loaded: ${broken[0]?.message}`);
  return {
    passed: tests.filter(({ status }) => status === 'passed').map(({ fullName }) => fullName),
    failed: tests
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => [fullName, firstLine(failureMessages?.[0])]),
  };
}

function firstLine(message = ''): string {
  return (message.split('\n')[0] ?? '').slice(0, 120);
}

function tableOf(caught: readonly Caught[]): string {
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('`', "'");
  const rows = caught.map(
    ({ mutant, how }) => `| ${cell(mutant.control)} | \`${mutant.file}\` | ${cell(mutant.test.name)} | ${cell(how)} |`,
  );
  return [
    '| control switched off | in | the test that fails | how it fails |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

if (import.meta.main) {
  const startedAt = Date.now();
  const { tally, caught } = await withServers((servers) => proveControls(servers, MUTANTS, console.log));
  tally.count('controls switched off, one at a time', MUTANTS.length);
  tally.count('of them noticed by their test', caught.filter(({ how }) => how !== 'NOT NOTICED').length);
  const claim =
    'For each control there is a test that passes with the control on and fails with it off. Each row is one replacement in a copy of the sources.';
  await report({ name: 'controls', claim, body: tableOf(caught) }, tally, startedAt);
}
