import type { AuthorizationRequest } from './request.ts';
import type { Charter } from './statement.ts';
import { type ActionShape, type FactShape, type Json, LABELS, type ValueType, type Vocabulary } from './vocabulary.ts';

/** What is seen at a path: a value, `null` where there is known to be none, `undefined` where it is unknown. */
export type Sight = Json | undefined;

/** A path the vocabulary knows: its type, how it is read from a request, and the only words or numbers it can hold. */
export interface PathShape {
  readonly type: ValueType;
  readonly read: (request: AuthorizationRequest) => Sight;
  readonly words?: readonly string[];
  readonly range?: readonly [number, number];
}

/** The words one charter's conditions may use, whatever the action. */
export interface Words {
  readonly cases: ReadonlyMap<string, { readonly type: ValueType; readonly optional: boolean }>;
  readonly facts: ReadonlyMap<string, FactShape>;
  /** Every `verb system.record` an action is registered for. */
  readonly pairs: ReadonlySet<string>;
}

export const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

export function wordsOf(charter: Charter, vocabulary: Vocabulary): Words {
  return {
    cases: new Map(
      Object.entries(charter.case).map(([name, type]) => [
        name.replace('?', ''),
        { type, optional: name.endsWith('?') },
      ]),
    ),
    facts: new Map(vocabulary.facts.map((fact) => [fact.name, fact])),
    pairs: new Set(vocabulary.actions.map(({ verb, record }) => `${verb} ${record}`)),
  };
}

/** The path as `action` and `words` know it; `undefined` when they do not. */
export function shapeOfPath(path: string, words: Words, action: ActionShape | undefined): PathShape | undefined {
  const { root, name } = splitPath(path);
  switch (root) {
    case 'attributes':
      return attributeShape(name, action);
    case 'case':
      return caseShape(name, words);
    case 'facts':
      return factShape(name, words);
    case 'past':
      return pastShape(name, words);
    case 'now':
      return NOW_PATHS.get(name);
    default:
      return undefined;
  }
}

/** `attributes.recipient` as `attributes` and `recipient`. */
export function splitPath(path: string): { readonly root: string; readonly name: string } {
  const dot = path.indexOf('.');
  return { root: path.slice(0, dot), name: path.slice(dot + 1) };
}

/** Every path a condition could name here, for suggestions. */
export function knownPaths(words: Words, actions: readonly ActionShape[]): readonly string[] {
  return [
    ...actions.flatMap(({ attributes }) => Object.keys(attributes).map((name) => `attributes.${name}`)),
    ...[...words.cases.keys()].map((name) => `case.${name}`),
    ...[...words.facts.keys()].map((name) => `facts.${name}`),
    ...['past.labels', 'past.records', ...LABELS.map((label) => `past.labels.${label}`)],
    ...[...words.pairs].map((pair) => `past.counts.${pair}`),
    ...[...NOW_PATHS.keys()].map((name) => `now.${name}`),
  ];
}

/** Own keys only: a payload may not reach what every object inherits. */
function own<T>(values: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function attributeShape(name: string, action: ActionShape | undefined): PathShape | undefined {
  const type = action && own(action.attributes, name);
  return type && { type, read: (request) => own(request.attributes, name) };
}

/** An optional value the starter left out is known to be none; a required one that is missing is unknown. */
function caseShape(name: string, { cases }: Words): PathShape | undefined {
  const declared = cases.get(name);
  if (declared === undefined) return undefined;
  const left = declared.optional ? null : undefined;
  return { type: declared.type, read: (request) => own(request.case, name) ?? left };
}

function factShape(name: string, { facts }: Words): PathShape | undefined {
  const declared = facts.get(name);
  if (declared === undefined) return undefined;
  const read = (request: AuthorizationRequest): Sight => {
    const fact = own(request.facts, name);
    return fact?.known === true ? fact.value : undefined;
  };
  return { type: declared.type, read };
}

/** `past.labels.untrusted` is a flag beside the list `past.labels`, so that one condition can ask for two labels at once. */
function pastShape(name: string, { pairs }: Words): PathShape | undefined {
  if (name === 'labels') return { type: 'text[]', read: ({ past }) => past.labels, words: LABELS };
  if (name === 'records') return { type: 'text[]', read: ({ past }) => past.records };
  const label = LABELS.find((known) => name === `labels.${known}`);
  if (label !== undefined) return { type: 'flag', read: ({ past }) => past.labels.includes(label) };
  const pair = name.startsWith('counts.') ? name.slice('counts.'.length) : '';
  // The ledger gives the whole past, so a count that is missing is a call never made.
  return pairs.has(pair) ? { type: 'number', read: ({ past }) => own(past.counts, pair) ?? 0 } : undefined;
}

const NOW_PATHS: ReadonlyMap<string, PathShape> = new Map<string, PathShape>([
  ['hour', { type: 'number', read: ({ now }) => new Date(now).getUTCHours(), range: [0, 23] }],
  ['weekday', { type: 'text', read: ({ now }) => WEEKDAYS[new Date(now).getUTCDay()], words: WEEKDAYS }],
]);
