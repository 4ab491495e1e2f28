import { problemsOf } from './check.ts';
import { clausesOf, type CompiledClause, compileCondition, type Ground } from './clause.ts';
import type { Condition } from './condition.ts';
import type { Spoken } from './decision.ts';
import { outcomeAt } from './level.ts';
import { splitPath, type Words, wordsOf } from './path.ts';
import { PolicyError } from './policy-error.ts';
import { type Subjects, subjectsOf } from './scope.ts';
import { type Charter, type HouseRules, isWildcard, type Limit, matches, type Pattern } from './statement.ts';
import type { ActionShape, Verb, Vocabulary } from './vocabulary.ts';

/** A permit as it bears on one action. */
export interface CompiledPermit {
  readonly id: string;
  readonly spoken: Spoken;
  readonly fields: readonly string[];
  readonly clauses: readonly CompiledClause[];
}

/** A gate, forbid or risk class as it bears on one action; it speaks when any of its conditions may hold. */
export interface CompiledNarrowing {
  readonly spoken: Spoken;
  readonly conditions: readonly (readonly CompiledClause[])[];
}

/** Everything of a policy that matters to one action: what other statements there are costs nothing. */
export interface ActionRules {
  readonly action: ActionShape;
  readonly permits: readonly CompiledPermit[];
  readonly narrowings: readonly CompiledNarrowing[];
  readonly limits: readonly Limit[];
  readonly subjects: Subjects;
}

/** A charter under house rules, checked and ready to answer. */
export interface Policy {
  readonly charter: Charter;
  readonly house: HouseRules;
  /** Digest of charter and house rules. */
  readonly revision: string;
  /** Names of the actions the charter could ever permit, or hold as drafts, at its own level. */
  readonly offers: readonly string[];
  /** Names of the facts any statement about this verb and record rests on: what must be looked up before authorizing. */
  readonly factsFor: (verb: Verb, record: string) => readonly string[];
  /** Limits whose use must be known: those of this verb and record, and those its conditions are `within`. */
  readonly limitsFor: (verb: Verb, record: string) => readonly Limit[];
  /** Whether anything about this verb and record looks at the records the job has read. */
  readonly usesRecords: (verb: Verb, record: string) => boolean;
  readonly rulesFor: (action: string, verb: Verb, record: string) => ActionRules | undefined;
}

/**
 * Makes a policy of a charter and the house rules above it.
 *
 * @param revision - digest of both texts; stamped on every decision
 * @throws {@link PolicyError} with every problem at once
 */
export function compile(charter: Charter, house: HouseRules, vocabulary: Vocabulary, revision: string): Policy {
  const problems = problemsOf(charter, house, vocabulary);
  if (problems.length > 0) throw new PolicyError(problems);
  const rules = indexRules(charter, house, vocabulary);
  const needs = indexNeeds(charter, house, vocabulary);
  return {
    charter,
    house,
    revision,
    offers: [...rules.values()].filter((each) => isOffered(each, charter)).map(({ action }) => action.name),
    factsFor: (verb, record) => needs.get(`${verb} ${record}`)?.facts ?? [],
    usesRecords: (verb, record) => needs.get(`${verb} ${record}`)?.records ?? false,
    limitsFor: (verb, record) => needs.get(`${verb} ${record}`)?.limits ?? [],
    rulesFor: (name, verb, record) => {
      const found = rules.get(name);
      return found?.action.verb === verb && found.action.record === record ? found : undefined;
    },
  };
}

function indexRules(charter: Charter, house: HouseRules, vocabulary: Vocabulary): ReadonlyMap<string, ActionRules> {
  const words = wordsOf(charter, vocabulary);
  const limits = new Map(charter.limits.map((limit) => [limit.id, limit]));
  return new Map(vocabulary.actions.map((action) => [action.name, rulesOf(action, charter, house, { words, limits })]));
}

type SharedGround = Pick<Ground, 'words' | 'limits'>;

function rulesOf(action: ActionShape, charter: Charter, house: HouseRules, shared: SharedGround): ActionRules {
  return {
    action,
    permits: permitsOf(action, charter, shared),
    narrowings: narrowingsOf(charter, house)
      .flatMap(({ spoken, patterns }) => compileNarrowing(spoken, patterns, action, shared))
      .sort((one, other) => byId(one.spoken, other.spoken)),
    limits: charter.limits.filter((limit) => matches(limit, action)).toSorted(byId),
    subjects: subjectsOf(action, shared.words),
  };
}

/** By code unit, so that no load order and no locale changes an answer. */
export function byId(one: { readonly id: string }, other: { readonly id: string }): number {
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}

function permitsOf(action: ActionShape, { permits }: Charter, shared: SharedGround): readonly CompiledPermit[] {
  const ground: Ground = { ...shared, action, undeclared: 'unknown' };
  return permits
    .filter((permit) => matches(permit, action))
    .toSorted(byId)
    .map(({ id, says, verb, record, fields, when }) => ({
      id,
      spoken: {
        id: `charter:${id}`,
        layer: 'charter',
        outcome: 'permit',
        reason: says ?? `${verb} ${record} is permitted`,
      },
      fields: fields ?? [],
      clauses: compileCondition(when, ground),
    }));
}

interface Narrowing {
  readonly spoken: Spoken;
  readonly patterns: readonly (Pattern & { readonly when?: Condition | undefined })[];
}

/** Gates and forbids of both files, and the house's risk classes. */
function narrowingsOf(charter: Charter, house: HouseRules): readonly Narrowing[] {
  const layer = (name: 'charter' | 'house', from: Pick<Charter, 'gates' | 'forbids'>) => [
    ...from.gates.map((gate) => narrowing(name, gate.id, 'gate', gate.reason, [gate])),
    ...from.forbids.map((forbid) => narrowing(name, forbid.id, 'deny', forbid.reason, [forbid])),
  ];
  const classes = house.classes.map(({ class: id, says, applies }) => {
    const { spoken, patterns } = narrowing('house', id, 'gate', says, applies);
    return { spoken: { ...spoken, riskClass: id }, patterns };
  });
  return [...layer('charter', charter), ...layer('house', house), ...classes];
}

function narrowing(
  layer: 'charter' | 'house',
  id: string,
  outcome: 'gate' | 'deny',
  reason: string,
  patterns: Narrowing['patterns'],
): Narrowing {
  return { spoken: { id: `${layer}:${id}`, layer, outcome, reason }, patterns };
}

function compileNarrowing(
  spoken: Spoken,
  patterns: Narrowing['patterns'],
  action: ActionShape,
  shared: SharedGround,
): readonly CompiledNarrowing[] {
  const conditions = patterns
    .filter((pattern) => matches(pattern, action))
    .map((pattern) => {
      const undeclared = isWildcard(pattern) ? 'false' : 'unknown';
      return compileCondition(pattern.when, { ...shared, action, undeclared });
    });
  return conditions.length === 0 ? [] : [{ spoken, conditions }];
}

interface Needs {
  readonly facts: readonly string[];
  readonly limits: readonly Limit[];
  readonly records: boolean;
}

function indexNeeds(charter: Charter, house: HouseRules, vocabulary: Vocabulary): ReadonlyMap<string, Needs> {
  const statements = [...charter.permits, ...narrowingsOf(charter, house).flatMap(({ patterns }) => patterns)];
  const words = wordsOf(charter, vocabulary);
  return new Map([...words.pairs].map((pair) => [pair, needsOf(pair, charter, statements, words)]));
}

function needsOf(pair: string, charter: Charter, statements: Narrowing['patterns'], words: Words): Needs {
  const [verb = '', record = ''] = pair.split(' ');
  const about = { verb: verb as Verb, record };
  const clauses = statements.filter((each) => matches(each, about)).flatMap(({ when }) => clausesOf(when));
  const paths = clauses.flatMap(({ path, operator, operand }) =>
    operator === 'sameAs' ? [path, String(operand)] : [path],
  );
  const facts = paths.filter((path) => splitPath(path).root === 'facts').map((path) => splitPath(path).name);
  const within = new Set(clauses.filter(({ operator }) => operator === 'within').map(({ operand }) => operand));
  return {
    facts: [...new Set(facts)].filter((name) => words.facts.has(name)).sort(),
    limits: charter.limits.filter((limit) => matches(limit, about) || within.has(limit.id)).toSorted(byId),
    records: paths.includes('past.records'),
  };
}

/** Something permits it, the level leaves something of it, and nothing forbids it whatever happens. */
function isOffered({ action, permits, narrowings }: ActionRules, charter: Charter): boolean {
  const forbidden = narrowings.some(
    ({ spoken, conditions }) => spoken.outcome === 'deny' && conditions.some((clauses) => clauses.length === 0),
  );
  return permits.length > 0 && outcomeAt(charter.level, action) !== 'deny' && !forbidden;
}
