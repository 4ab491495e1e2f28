import { clausesOf, operandOf } from './clause.ts';
import type { Clause, Condition } from './condition.ts';
import { nearest } from './nearest.ts';
import { OPERATOR_TABLE } from './operator.ts';
import { knownPaths, type PathShape, shapeOfPath, splitPath, type Words } from './path.ts';
import { elementOf, type Value } from './value.ts';
import type { ActionShape, Vocabulary } from './vocabulary.ts';

type Path = readonly (string | number)[];

/** Takes note of one problem. */
export type Note = (path: Path, message: string, suggestion?: string) => void;

/** Where a condition stands: whose file, about which actions, with which words. */
export interface Site {
  readonly source: 'charter' | 'house';
  readonly vocabulary: Vocabulary;
  readonly words: Words;
  readonly limits: ReadonlySet<string>;
  readonly note: Note;
  /** The registered actions the statement speaks of. */
  readonly actions: readonly ActionShape[];
  readonly wildcard: boolean;
  readonly permit?: boolean;
}

/** Checks every path, operator and operand of a condition, and that it could ever hold. */
export function checkCondition(when: Condition | undefined, at: Path, site: Site): void {
  for (const [path, tests] of Object.entries(when ?? {})) {
    if (Object.keys(tests).length === 0) site.note([...at, path], `\`${path}\` is compared with nothing`);
    checkModelFact(path, [...at, path], site);
    const shapes = shapesAt(path, site);
    const clauses = clausesOf({ [path]: tests });
    if (shapes.length === 0) checkUnknownPath(path, [...at, path], site);
    const sound = shapes.flatMap((shape) =>
      clauses.filter((clause) => checkClause(clause, shape, [...at, path], site)),
    );
    if (shapes[0] !== undefined && sound.length === clauses.length * shapes.length)
      checkCanHold(path, clauses, shapes[0], [...at, path], site.note);
  }
}

/** The path as each action it can be read on sees it, one of a type. */
function shapesAt(path: string, { words, actions }: Site): readonly PathShape[] {
  const anywhere = shapeOfPath(path, words, undefined);
  if (anywhere !== undefined) return [anywhere];
  const shapes = actions.flatMap((action) => shapeOfPath(path, words, action) ?? []);
  return shapes.filter(({ type }, index) => shapes.findIndex((other) => other.type === type) === index);
}

/**
 * A charter's unknown word is a slip. The house may speak of cases other charters have, and with a wildcard of
 * attributes no action has yet, but not in a spelling next to one that exists: such a gate would silently never speak.
 */
function checkUnknownPath(path: string, at: Path, site: Site): void {
  const { root } = splitPath(path);
  if (root === 'attributes' && site.actions.length === 0 && site.source === 'charter') return;
  if (root === 'case' && site.source === 'house') return;
  const house = site.source === 'house';
  const near = nearestPath(path, site.words, house ? site.vocabulary.actions : site.actions);
  const elsewhere = site.vocabulary.actions.some(({ attributes }) => Object.hasOwn(attributes, splitPath(path).name));
  const slip = near?.startsWith('attributes.') === true && !elsewhere;
  if (root === 'attributes' && house && site.wildcard && !slip) return;
  const whose =
    root === 'attributes' && site.actions[0] ? ` of \`${site.actions[0].verb} ${site.actions[0].record}\`` : '';
  site.note(at, `unknown path \`${path}\`${whose}`, near);
}

/** The nearest path under the same root, judged by its name alone; failing that, the same name under another root. */
function nearestPath(path: string, words: Words, actions: readonly ActionShape[]): string | undefined {
  const { root, name } = splitPath(path);
  const known = knownPaths(words, actions);
  const siblings = known.filter((candidate) => splitPath(candidate).root === root);
  const near = nearest(
    name,
    siblings.map((candidate) => splitPath(candidate).name),
  );
  return near === undefined ? known.find((candidate) => splitPath(candidate).name === name) : `${root}.${near}`;
}

function checkModelFact(path: string, at: Path, { permit, words, note }: Site): void {
  const { root, name } = splitPath(path);
  if (permit === true && root === 'facts' && words.facts.get(name)?.origin === 'model')
    note(at, `\`${path}\` is derived by a model, so it may only narrow; a permit cannot rest on it`);
}

/** Whether the clause is sound; if not, why is noted. */
function checkClause(clause: Clause, shape: PathShape, at: Path, site: Site): boolean {
  const { path, operator } = clause;
  const rule = OPERATOR_TABLE[operator];
  const here = [...at, operator];
  if (!rule.fits(shape.type)) {
    site.note(here, `\`${operator}\` does not fit \`${path}\`, which is ${shape.type}`);
    return false;
  }
  if (rule.takes === 'path') return checkSameAs(clause, shape, here, site);
  if (rule.takes === 'limit') return checkWithin(clause, here, site);
  if (
    rule.takes === 'flag'
      ? typeof clause.operand === 'boolean'
      : Array.isArray(clause.operand) === (rule.takes === 'list')
  )
    return checkLiterals(clause, shape, here, site.note);
  site.note(
    here,
    `\`${operator}\` takes ${rule.takes === 'list' ? 'a list' : rule.takes === 'flag' ? 'true or false' : 'one value'}`,
  );
  return false;
}

function checkSameAs({ path, operand }: Clause, shape: PathShape, here: Path, site: Site): boolean {
  const other = String(operand);
  checkModelFact(other, here, site);
  const others = typeof operand === 'string' ? shapesAt(other, site) : [];
  // The house may compare with a case value that only other charters have: here it is unknown, and the rule speaks.
  if (others.length === 0 && site.source === 'house' && splitPath(other).root === 'case') return true;
  const wrong = others.find(({ type }) => type !== shape.type);
  if (others.length === 0)
    site.note(here, `\`sameAs\` names no path: \`${other}\``, nearestPath(other, site.words, site.actions));
  else if (path === other) site.note(here, `\`${path}\` is compared with itself`);
  else if (wrong !== undefined) site.note(here, `\`${other}\` is ${wrong.type}, but \`${path}\` is ${shape.type}`);
  return others.length > 0 && wrong === undefined && path !== other;
}

function checkWithin({ operand }: Clause, here: Path, { limits, note, source }: Site): boolean {
  const limit = String(operand);
  if (limits.has(limit)) return true;
  const why = source === 'house' ? 'house rules have no limits' : `no limit is called \`${limit}\``;
  note(here, `\`within\` names no limit: ${why}`, nearest(limit, limits));
  return false;
}

function checkLiterals(
  { path, operator, operand }: Clause,
  { type, words }: PathShape,
  here: Path,
  note: Note,
): boolean {
  if (operator === 'present') return true;
  let sound = true;
  (Array.isArray(operand) ? operand : [operand]).forEach((item: Clause['operand'], index) => {
    const where = Array.isArray(operand) ? [...here, index] : here;
    const isWord = words === undefined || words.includes(String(item));
    if (operandOf(type, item) !== undefined && isWord) return;
    sound = false;
    if (isWord) note(where, `\`${String(item)}\` is not ${elementOf(type)}, which \`${path}\` is`);
    else note(where, `\`${path}\` is never \`${String(item)}\``, nearest(String(item), words));
  });
  return sound;
}

/** Finds conditions no value could ever meet: they would sit in a file and look like protection. */
function checkCanHold(
  path: string,
  clauses: readonly Clause[],
  { type, range }: PathShape,
  at: Path,
  note: Note,
): void {
  const operandAt = (operator: Clause['operator']) => clauses.find((clause) => clause.operator === operator)?.operand;
  for (const operator of ['in', 'intersects'] as const) {
    const list = operandAt(operator);
    if (Array.isArray(list) && list.length === 0)
      return note([...at, operator], `\`${operator}: []\` could never hold`);
  }
  if (operandAt('present') === false && clauses.length > 1)
    return note([...at, 'present'], `\`${path}\` could never be absent and compared too`);
  const least = Math.max(Number(operandAt('atLeast') ?? -Infinity), range?.[0] ?? -Infinity);
  const most = Math.min(Number(operandAt('atMost') ?? Infinity), range?.[1] ?? Infinity);
  const choices = choicesOf(operandAt('is') ?? operandAt('in'));
  const possible = choices?.some((choice) => typeof choice !== 'number' || (choice >= least && choice <= most));
  const left = choices?.some((choice) => clauses.every((clause) => holdsLiterally(clause, type, choice)));
  if (least > most || possible === false || left === false) note(at, `no \`${path}\` could ever meet all of this`);
}

function choicesOf(operand: Clause['operand'] | undefined): readonly (string | number | boolean)[] | undefined {
  if (operand === undefined) return undefined;
  return typeof operand === 'object' ? operand : [operand];
}

function holdsLiterally({ operator, operand }: Clause, type: PathShape['type'], choice: Value): boolean {
  const { holds } = OPERATOR_TABLE[operator];
  const value = operandOf(type, choice as Clause['operand']);
  const wanted = operandOf(type, operand);
  return holds === undefined || value === undefined || wanted === undefined || holds(value, wanted);
}
