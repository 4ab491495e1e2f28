import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { HouseRules } from '../policy/statement.ts';
import type { Vocabulary } from '../policy/vocabulary.ts';
import { CharterError, type CharterProblem } from './charter-error.ts';
import { MAX_BYTES } from './document.ts';
import { type CharterRevision, collect, readHouseRules, readPolicy } from './read-policy.ts';

/** Where a house keeps its policy. */
export interface PolicyFiles {
  /** The folder of `*.charter.yaml` files. */
  readonly chartersDir: string;
  readonly houseRulesFile: string;
  readonly vocabulary: Vocabulary;
}

export interface LoadedPolicies {
  readonly house: HouseRules;
  /** In the order of their file names. */
  readonly revisions: readonly CharterRevision[];
}

/**
 * Reads every charter of a folder under one file of house rules. All or nothing: one bad file and none is in force.
 *
 * @throws {@link CharterError} with every problem of every file at once
 */
export async function loadPolicies({ chartersDir, houseRulesFile, vocabulary }: PolicyFiles): Promise<LoadedPolicies> {
  const problems: CharterProblem[] = [];
  const [house, charters] = await Promise.all([
    readFiles([houseRulesFile], problems),
    readCharterFiles(chartersDir, problems),
  ]);
  const [{ file: houseFile, text: houseText } = { file: houseRulesFile, text: '' }] = house;
  const rules = house.length === 0 ? undefined : collect(problems, () => readHouseRules(houseFile, houseText).data);
  const read = charters.flatMap(({ file, text }) => {
    const sources = { charterFile: file, charterText: text, houseFile, houseText, vocabulary };
    const revision = house.length === 0 ? undefined : collect(problems, () => readPolicy(sources));
    return revision === undefined ? [] : [{ file, revision }];
  });
  problems.push(...namesakes(read));
  if (problems.length > 0 || rules === undefined) throw new CharterError(problems);
  return { house: rules, revisions: read.map(({ revision }) => revision) };
}

interface TextFile {
  readonly file: string;
  readonly text: string;
}

async function readCharterFiles(folder: string, problems: CharterProblem[]): Promise<readonly TextFile[]> {
  const names = await readdir(folder).catch((error: unknown) => unreadable(folder, error, problems, []));
  const near = names.filter((name) => name.endsWith('.charter.yml'));
  problems.push(...near.map((name) => problemWith(join(folder, name), 'a charter file ends in `.charter.yaml`')));
  const charters = names.filter((name) => name.endsWith('.charter.yaml')).sort();
  return readFiles(
    charters.map((name) => join(folder, name)),
    problems,
  );
}

async function readFiles(files: readonly string[], problems: CharterProblem[]): Promise<readonly TextFile[]> {
  const read = await Promise.all(
    files.map((file) => readText(file).catch((error: unknown) => unreadable(file, error, problems, undefined))),
  );
  return files.flatMap((file, index) => {
    const text = read[index];
    return text === undefined ? [] : [{ file, text }];
  });
}

/** UTF-8 or nothing: a byte that does not decode must not turn into another word. */
async function readText(file: string): Promise<string> {
  const { size } = await stat(file);
  if (size > MAX_BYTES) throw new RangeError(`the file is over ${MAX_BYTES} bytes`);
  return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
}

function unreadable<T>(file: string, error: unknown, problems: CharterProblem[], instead: T): T {
  problems.push(problemWith(file, whyUnreadable(error)));
  return instead;
}

function whyUnreadable(error: unknown): string {
  if (error instanceof RangeError) return error.message;
  if (error instanceof TypeError) return 'the file is not UTF-8';
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  return `cannot be read${code}`;
}

function problemWith(file: string, message: string): CharterProblem {
  return { file, line: 1, column: 1, message };
}

/** Two charters of one name would leave it to chance which one binds a job. */
function namesakes(read: readonly { readonly file: string; readonly revision: CharterRevision }[]): CharterProblem[] {
  const first = new Map<string, string>();
  return read.flatMap(({ file, revision: { charter } }) => {
    const other = first.get(charter);
    if (other === undefined) first.set(charter, file);
    return other === undefined ? [] : [problemWith(file, `charter \`${charter}\` is already in \`${other}\``)];
  });
}
