import type { Clause, Condition, Operator, Truth } from './condition.ts';
import { OPERATOR_TABLE, sameValue } from './operator.ts';
import { type PathShape, shapeOfPath, type Sight, type Words } from './path.ts';
import type { AuthorizationRequest, LiveState } from './request.ts';
import type { Limit } from './statement.ts';
import { readValue, valueInWords } from './value.ts';
import type { ActionShape } from './vocabulary.ts';

/** A clause with its path, types and operand resolved once, for one action. */
export interface CompiledClause extends Clause {
  readonly test: (request: AuthorizationRequest, live: LiveState) => Truth;
  /** What was found at the path, for sentences. */
  readonly sight: (request: AuthorizationRequest) => Sight;
}

/** What clauses are resolved against. */
export interface Ground {
  readonly words: Words;
  readonly limits: ReadonlyMap<string, Limit>;
  readonly action: ActionShape;
  /** What a clause says of an attribute this action does not declare: `false` where a wildcard speaks of those that do. */
  readonly undeclared: Truth;
}

/** A condition as its clauses, in the order of their paths. */
export function clausesOf(when: Condition | undefined): readonly Clause[] {
  return Object.entries(when ?? {})
    .flatMap(([path, tests]) =>
      Object.entries(tests).map(([operator, operand]) => ({ path, operator: operator as Operator, operand })),
    )
    .sort((one, other) => (`${one.path} ${one.operator}` < `${other.path} ${other.operator}` ? -1 : 1));
}

export function compileCondition(when: Condition | undefined, ground: Ground): readonly CompiledClause[] {
  return clausesOf(when).map((clause) => compileClause(clause, ground));
}

/** All clauses must hold: false if one is false, else unknown if one is unknown. */
export function truthOf(clauses: readonly CompiledClause[], request: AuthorizationRequest, live: LiveState): Truth {
  let truth: Truth = 'true';
  for (const clause of clauses) {
    const next = clause.test(request, live);
    if (next === 'false') return 'false';
    if (next === 'unknown') truth = 'unknown';
  }
  return truth;
}

/** ``attributes.total` is at most `500``. */
export function clauseInWords({ path, operator, operand }: Clause): string {
  return `\`${path}\` ${wantedInWords({ operator, operand })}`;
}

export function wantedInWords({ operator, operand }: Pick<Clause, 'operator' | 'operand'>): string {
  if (operator === 'present') return operand === true ? 'is present' : 'is absent';
  return `${OPERATOR_TABLE[operator].reads} ${valueInWords(operand)}`;
}

function compileClause(clause: Clause, ground: Ground): CompiledClause {
  const shape = shapeOfPath(clause.path, ground.words, ground.action);
  if (shape === undefined) return { ...clause, test: () => undeclared(clause.path, ground), sight: () => undefined };
  return { ...clause, test: testOf(clause, shape, ground), sight: shape.read };
}

function undeclared(path: string, ground: Ground): Truth {
  return path.startsWith('attributes.') ? ground.undeclared : 'unknown';
}

type Test = CompiledClause['test'];
const truth = (holds: boolean): Truth => (holds ? 'true' : 'false');

function testOf(clause: Clause, shape: PathShape, ground: Ground): Test {
  if (clause.operator === 'present') return presentTest(shape, clause.operand === true);
  if (clause.operator === 'sameAs') return sameAsTest(shape, String(clause.operand), ground);
  if (clause.operator === 'within') return withinTest(shape, ground.limits.get(String(clause.operand)));
  return literalTest(clause, shape);
}

function presentTest({ read, type }: PathShape, wanted: boolean): Test {
  return (request) => {
    const sight = read(request);
    if (sight === null) return truth(!wanted);
    return readValue(type, sight) === undefined ? 'unknown' : truth(wanted);
  };
}

function sameAsTest(shape: PathShape, path: string, ground: Ground): Test {
  const other = shapeOfPath(path, ground.words, ground.action);
  if (other === undefined) return () => undeclared(path, ground);
  return (request) => {
    const value = readValue(shape.type, shape.read(request));
    const wanted = readValue(other.type, other.read(request));
    return value === undefined || wanted === undefined ? 'unknown' : truth(sameValue(value, wanted));
  };
}

/** Whether this much more still fits the limit; a negative amount would free it, so it is unknown. */
function withinTest({ read, type }: PathShape, limit: Limit | undefined): Test {
  return (request, live) => {
    const amount = readValue(type, read(request));
    const used = limit && usedOf(live, limit.id);
    if (limit === undefined || used === undefined || typeof amount !== 'number' || amount < 0) return 'unknown';
    return truth(used + amount <= limit.atMost);
  };
}

function literalTest({ operator, operand }: Clause, { read, type }: PathShape): Test {
  const { holds } = OPERATOR_TABLE[operator];
  const wanted = operandOf(type, operand);
  if (holds === undefined || wanted === undefined) return () => 'unknown';
  return (request) => {
    const value = readValue(type, read(request));
    return value === undefined ? 'unknown' : truth(holds(value, wanted));
  };
}

/** The operand in the spelling values are compared in; `undefined` when an element is of another type. */
export function operandOf(type: PathShape['type'], operand: Clause['operand']): ReturnType<typeof readValue> {
  const element = type.replace('[]', '') as PathShape['type'];
  if (!Array.isArray(operand)) return readValue(element, operand);
  const values = operand.map((item) => readValue(element, item));
  // Lists of integers are compared by membership alone, as lists of text are.
  return values.includes(undefined) ? undefined : (values as readonly string[]);
}

/** Used so far, if the ledger said so and it makes sense. */
export function usedOf(live: LiveState, limitId: string): number | undefined {
  const used = Object.hasOwn(live.limits, limitId) ? live.limits[limitId] : undefined;
  return Number.isSafeInteger(used) && (used ?? -1) >= 0 ? used : undefined;
}
