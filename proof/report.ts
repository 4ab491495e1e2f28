import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tally } from './tally.ts';

const DOCS = join(import.meta.dirname, '../docs/proof');

export interface Proof {
  readonly name: string;
  /** What is proved, in one sentence. */
  readonly claim: string;
  readonly body?: string;
}

/** Prints the last line, keeps the result under `docs/proof/`, and lets the process fail when a check did. */
export async function report({ name, claim, body = '' }: Proof, tally: Tally, startedAt: number): Promise<void> {
  const result = `${tally.passed} passed, ${tally.failures.length} failed`;
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  const counts = tally.counts.map(([what, count]) => `| ${what} | ${count} |`);
  const lines = [
    `# Proof: ${name}`,
    '',
    claim,
    '',
    `- Command: \`npm run proof:${name}\``,
    `- Date: ${new Date().toISOString().slice(0, 10)}`,
    `- Time: ${seconds} s`,
    `- Result: **${result}**`,
    '',
    ...(counts.length === 0 ? [] : ['| counted | |', '| --- | --- |', ...counts, '']),
    ...(body === '' ? [] : [body, '']),
    ...(tally.failures.length === 0 ? [] : ['Failed:', '', ...tally.failures.map((failure) => `- ${failure}`), '']),
  ];
  await mkdir(DOCS, { recursive: true });
  await writeFile(join(DOCS, `${name}.md`), lines.join('\n'));
  for (const failure of tally.failures.slice(0, 20)) console.log(`failed: ${failure}`);
  console.log(result);
  if (tally.failures.length > 0) process.exitCode = 1;
}
