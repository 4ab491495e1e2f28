import { type Document, isAlias, isMap, isNode, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { type CharterProblem, CharterError } from './charter-error.ts';

/** Larger than any charter people could read. */
export const MAX_BYTES = 1_000_000;

type Path = readonly (string | number)[];
type Place = Pick<CharterProblem, 'line' | 'column'>;

/** A YAML file as plain data that still knows where each part stands. */
export interface PolicyDocument {
  readonly file: string;
  readonly value: unknown;
  /** Where the value at `path` stands, or its key if it is a list or map, or else the nearest part around it. */
  readonly placeOf: (path: Path) => Place;
  /** Where the key at `path` stands. */
  readonly placeOfKey: (path: Path) => Place;
}

/**
 * Reads one YAML document of plain maps, lists and scalars.
 *
 * @throws {@link CharterError} for syntax errors, duplicate keys, anchors, aliases, tags, and files too large or empty
 */
export function readDocument(file: string, text: string): PolicyDocument {
  const whole = (message: string) => new CharterError([{ file, line: 1, column: 1, message }]);
  if (Buffer.byteLength(text) > MAX_BYTES) throw whole(`the file is over ${MAX_BYTES} bytes`);
  const tooDeep = () => whole('the file nests too deeply');
  const lines = new LineCounter();
  const options = { lineCounter: lines, prettyErrors: false, stringKeys: true };
  const document = unlessTooDeep(() => parseDocument(text, options), tooDeep);
  const problems = unlessTooDeep(() => problemsIn(document), tooDeep);
  if (problems.length > 0)
    throw new CharterError(problems.map(({ offset, message }) => ({ file, ...placeAt(offset, lines), message })));
  if (document.contents === null) throw whole('the file is empty');
  const value: unknown = unlessTooDeep(() => document.toJS() as unknown, tooDeep);
  return {
    file,
    value,
    placeOf: (path) => placeAt(offsetOf(document, path, false), lines),
    placeOfKey: (path) => placeAt(offsetOf(document, path, true), lines),
  };
}

/** The parser and the walks over what it made recurse, so depth alone can exhaust the stack. */
function unlessTooDeep<T>(work: () => T, error: () => CharterError): T {
  try {
    return work();
  } catch {
    throw error();
  }
}

interface Found {
  readonly offset: number;
  readonly message: string;
}

/** Syntax first; aliases and anchors are refused whole, since a file that people must read has no use for them. */
function problemsIn(document: Document): readonly Found[] {
  const syntax = [...document.errors, ...document.warnings].map(({ pos, code, message }) => ({
    offset: pos[0],
    message: code === 'DUPLICATE_KEY' ? 'this key is already there' : tidy(message),
  }));
  return syntax.length > 0 ? syntax : referencesIn(document);
}

function referencesIn(document: Document): readonly Found[] {
  const found: Found[] = [];
  visit(document, {
    Node: (_, node) => {
      const offset = node.range?.[0] ?? 0;
      if (isAlias(node))
        found.push({ offset, message: `aliases are refused: write out what \`*${node.source}\` stands for` });
      else if (node.anchor !== undefined) found.push({ offset, message: `anchors are refused: \`&${node.anchor}\`` });
      else if (node.tag?.startsWith('!') === true) found.push({ offset, message: `tags are refused: \`${node.tag}\`` });
    },
  });
  return found;
}

function tidy(message: string): string {
  return `${message.charAt(0).toLowerCase()}${message.slice(1)}`.replace(/\.$/, '');
}

function offsetOf(document: Document, path: Path, atKey: boolean): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const [depth, step] of path.entries()) {
    const found = childOf(node, step);
    if (found === undefined) return offset;
    const last = depth === path.length - 1;
    const useKey = found.key !== undefined && ((last && atKey) || !isScalar(found.value));
    offset = (useKey ? found.key : found.value)?.range?.[0] ?? offset;
    node = found.value;
  }
  return offset;
}

interface Child {
  readonly key?: Node;
  readonly value: Node | null;
}

function childOf(node: Node | null, step: string | number): Child | undefined {
  if (!isMap(node)) {
    const value: unknown = node !== null && 'items' in node ? node.items[Number(step)] : undefined;
    return isNode(value) ? { value } : undefined;
  }
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  return pair && { key: pair.key as Node, value: isNode(pair.value) ? pair.value : null };
}

function placeAt(offset: number, lines: LineCounter): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
