import { createHash } from 'node:crypto';
import { compile, type Policy } from '../policy/compile.ts';
import { PolicyError } from '../policy/policy-error.ts';
import { type Charter, CharterSchema, type HouseRules, HouseRulesSchema } from '../policy/statement.ts';
import type { Vocabulary } from '../policy/vocabulary.ts';
import { CharterError, type CharterProblem } from './charter-error.ts';
import { type PolicyDocument, readDocument } from './document.ts';
import { readShape } from './shape.ts';

/** One charter under one text of house rules: what is in force, and what every decision names. */
export interface CharterRevision {
  readonly charter: string;
  /** SHA-256 of charter text, NUL and house text, lower-case hex, 64 characters. */
  readonly revision: string;
  readonly charterText: string;
  readonly houseText: string;
  readonly policy: Policy;
}

/** The two texts a policy is made of; the file names are for messages. */
export interface PolicySources {
  readonly charterFile: string;
  readonly charterText: string;
  readonly houseFile: string;
  readonly houseText: string;
  readonly vocabulary: Vocabulary;
}

/** A file that could be read: its data, and where each part of it stands. */
interface Read<T> {
  readonly document: PolicyDocument;
  readonly data: T;
}

/**
 * Makes a policy of two YAML texts.
 *
 * @throws {@link CharterError} with every problem of both texts at once, each with its line and column
 */
export function readPolicy(sources: PolicySources): CharterRevision {
  const { charterText, houseText, vocabulary } = sources;
  const problems: CharterProblem[] = [];
  const charter = collect(problems, () => readCharter(sources.charterFile, charterText));
  const house = collect(problems, () => readHouseRules(sources.houseFile, houseText));
  if (charter === undefined || house === undefined) throw new CharterError(problems);
  const revision = revisionOf(charterText, houseText);
  const policy = compileRead(charter, house, vocabulary, revision);
  return { charter: charter.data.charter, revision, charterText, houseText, policy };
}

/** SHA-256 of both texts, lower-case hex. */
export function revisionOf(charterText: string, houseText: string): string {
  return createHash('sha256').update(`${charterText}\0${houseText}`).digest('hex');
}

/** @throws {@link CharterError} */
export function readHouseRules(file: string, text: string): Read<HouseRules> {
  const document = readDocument(file, text);
  return { document, data: readShape(document, HouseRulesSchema) };
}

function readCharter(file: string, text: string): Read<Charter> {
  const document = readDocument(file, text);
  return { document, data: readShape(document, CharterSchema) };
}

/** Runs one reading; its problems are kept for the one error at the end. */
export function collect<T>(problems: CharterProblem[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CharterError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

function compileRead(
  charter: Read<Charter>,
  house: Read<HouseRules>,
  vocabulary: Vocabulary,
  revision: string,
): Policy {
  try {
    return compile(charter.data, house.data, vocabulary, revision);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new CharterError(
      error.problems.map(({ source, path, ...said }) => {
        const { document } = source === 'charter' ? charter : house;
        return { file: document.file, ...document.placeOf(path), ...said };
      }),
    );
  }
}
