import { z } from 'zod';
import { nearest } from '../policy/nearest.ts';
import { type CharterProblem, CharterError } from './charter-error.ts';
import type { PolicyDocument } from './document.ts';

type Path = readonly (string | number)[];
type Issue = z.core.$ZodIssue;

interface Flaw {
  readonly path: Path;
  readonly message: string;
  readonly suggestion?: string | undefined;
  readonly atKey?: boolean;
  readonly missing?: boolean;
}

/** Reads a document by its schema. @throws {@link CharterError} with every key and value that does not fit */
export function readShape<Schema extends z.ZodType>(document: PolicyDocument, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(document.value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const flaws = parsed.error.issues.flatMap((issue) => flawsOf(issue, schema, []));
  throw new CharterError(withoutEchoes(flaws).map((flaw) => locate(flaw, document)));
}

/** A misspelt key is one slip, not an unknown key and a missing one. */
function withoutEchoes(flaws: readonly Flaw[]): readonly Flaw[] {
  const address = (path: Path) => JSON.stringify(path);
  const meant = new Set(flaws.map(({ path, suggestion }) => address([...path.slice(0, -1), suggestion ?? ''])));
  return flaws.filter(({ path, missing }) => missing !== true || !meant.has(address(path)));
}

function locate({ path, message, suggestion, atKey }: Flaw, document: PolicyDocument): CharterProblem {
  const place = atKey === true ? document.placeOfKey(path) : document.placeOf(path);
  return { file: document.file, ...place, message, ...(suggestion === undefined ? {} : { suggestion }) };
}

function flawsOf(issue: Issue, schema: z.ZodType, above: Path): readonly Flaw[] {
  const path = [...above, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, schema));
    case 'invalid_key':
      return [badKey(path, issue)];
    case 'invalid_value':
      if (issue.input === undefined) return [missing(path)];
      return [wrongWord(path, issue.input, issue.values.map(String))];
    case 'invalid_union':
      if (issue.input === undefined) return [missing(path)];
      return unionFlaws(issue, schema, path);
    case 'invalid_type':
      return [wrongType(path, issue)];
    default:
      return [{ path, message: issue.message.startsWith('must ') ? issue.message : tidy(issue.message) }];
  }
}

function unknownKey(key: string, path: Path, schema: z.ZodType): Flaw {
  const known = keysAt(schema, path);
  return { path: [...path, key], message: `unknown key \`${key}\``, suggestion: nearest(key, known), atKey: true };
}

const ROOTS = ['attributes', 'case', 'facts', 'past', 'now'];

/** A name that is no name; for a path, the root that was likely meant. */
function badKey(path: Path, { issues }: z.core.$ZodIssueInvalidKey): Flaw {
  const key = String(path.at(-1));
  const [root = '', ...rest] = key.split('.');
  const near = path.at(-2) === 'when' ? nearest(root, ROOTS) : undefined;
  const suggestion = near === undefined || rest.length === 0 ? near : [near, ...rest].join('.');
  const why =
    issues[0]?.message.startsWith('must ') === true
      ? issues[0].message
      : 'must be a name such as `orderId` or `orderId?`';
  return { path, message: `\`${key}\` ${why}`, suggestion, atKey: true };
}

function wrongWord(path: Path, input: unknown, words: readonly string[]): Flaw {
  const allowed = words.map((word) => `\`${word}\``).join(', ');
  const suggestion = typeof input === 'string' ? nearest(input, words) : undefined;
  return { path, message: `${inWords(input)} must be one of ${allowed}`, suggestion };
}

/** A union as one flaw: the words it knows if it is of words, else the branch that got furthest in. */
function unionFlaws(issue: z.core.$ZodIssueInvalidUnion, schema: z.ZodType, path: Path): readonly Flaw[] {
  const branches = issue.errors;
  const deepest = branches.find((issues) => issues.length > 0 && issues.every((each) => each.path.length > 0));
  if (deepest !== undefined) return deepest.flatMap((each) => flawsOf(each, schema, path));
  const words = branches.flat().flatMap((each) => (each.code === 'invalid_value' ? each.values.map(String) : []));
  if (words.length > 0) return [wrongWord(path, issue.input, words)];
  return [{ path, message: `${inWords(issue.input)} must be a text, a whole number, true, false or a list of them` }];
}

function wrongType(path: Path, { expected, input }: z.core.$ZodIssueInvalidType): Flaw {
  if (input === undefined) return missing(path);
  return { path, message: `${inWords(input)} must be ${TYPE_WORDS[expected] ?? expected}` };
}

function missing(path: Path): Flaw {
  return { path, message: `\`${String(path.at(-1))}\` is missing`, missing: true };
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  int: 'a whole number',
  number: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

function inWords(input: unknown): string {
  if (input === null || input === undefined) return 'an empty value';
  if (Array.isArray(input)) return 'a list';
  return typeof input === 'object' ? 'a map' : `\`${String(input)}\``;
}

function tidy(message: string): string {
  if (message.includes('>=1 characters') || message.includes('>=1 items')) return 'must not be empty';
  return `${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}

/** The keys a schema knows at a path: those of the object there, or the words a record takes for keys. */
function keysAt(schema: z.core.$ZodType, path: Path): readonly string[] {
  const inner = unwrap(schema);
  const [step, ...rest] = path;
  if (inner instanceof z.ZodObject) {
    if (step === undefined) return Object.keys(inner.shape);
    const next: z.core.$ZodType | undefined = inner.shape[String(step)];
    return next === undefined ? [] : keysAt(next, rest);
  }
  if (inner instanceof z.ZodRecord) {
    if (step !== undefined) return keysAt(inner.valueType, rest);
    return inner.keyType instanceof z.ZodEnum ? inner.keyType.options.map(String) : [];
  }
  return inner instanceof z.ZodArray && step !== undefined ? keysAt(inner.element, rest) : [];
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const wrapped =
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault;
  return wrapped ? unwrap(schema.def.innerType) : schema;
}
