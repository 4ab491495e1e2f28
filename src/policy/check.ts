import { checkCondition, type Note, type Site } from './check-condition.ts';
import { nearest } from './nearest.ts';
import { wordsOf } from './path.ts';
import type { PolicyProblem } from './policy-error.ts';
import {
  type Assurance,
  type Charter,
  type HouseRules,
  isWildcard,
  type Limit,
  matches,
  type Pattern,
  type Permit,
} from './statement.ts';
import { isNumeric } from './value.ts';
import { type ActionShape, systemOf, VERBS, type Vocabulary } from './vocabulary.ts';

type Path = readonly (string | number)[];

/** Everything wrong with a charter and house rules, given what is registered. */
export function problemsOf(charter: Charter, house: HouseRules, vocabulary: Vocabulary): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  const noteFor =
    (source: PolicyProblem['source']): Note =>
    (path, message, suggestion) =>
      problems.push({ source, path, message, ...(suggestion === undefined ? {} : { suggestion }) });
  checkCharter(charter, vocabulary, noteFor('charter'));
  checkHouse(charter, house, vocabulary, noteFor('house'));
  return problems;
}

function checkCharter(charter: Charter, vocabulary: Vocabulary, note: Note): void {
  const site = siteOf('charter', charter, vocabulary, note);
  checkCaseNames(charter, note);
  checkIds(
    [numbered('permits', charter.permits), numbered('gates', charter.gates), numbered('forbids', charter.forbids)],
    note,
  );
  checkIds([numbered('limits', charter.limits)], note);
  charter.permits.forEach((permit, index) => checkPermit(permit, ['permits', index], site));
  charter.gates.forEach((gate, index) => checkPattern(gate, ['gates', index], site));
  charter.forbids.forEach((forbid, index) => checkPattern(forbid, ['forbids', index], site));
  charter.limits.forEach((limit, index) => checkLimit(limit, ['limits', index], site));
}

/** House rules are written for every charter of the house, so what only a wildcard names may be of no use here. */
function checkHouse(charter: Charter, house: HouseRules, vocabulary: Vocabulary, note: Note): void {
  const site = siteOf('house', charter, vocabulary, note);
  checkProfile(house, note);
  const classes = house.classes.map(({ class: id }, index) => ({ id, path: ['classes', index, 'class'] }));
  checkIds([classes, numbered('gates', house.gates), numbered('forbids', house.forbids)], note);
  house.classes.forEach(({ applies }, index) =>
    applies.forEach((pattern, nth) => checkPattern(pattern, ['classes', index, 'applies', nth], site)),
  );
  house.gates.forEach((gate, index) => checkPattern(gate, ['gates', index], site));
  house.forbids.forEach((forbid, index) => checkPattern(forbid, ['forbids', index], site));
}

/** A production house takes no verdict, and restores nothing, for somebody nobody knows. */
function checkProfile({ profile, assurance, classes }: HouseRules, note: Note): void {
  if (profile !== 'production') return;
  const said: readonly (readonly [Path, Assurance])[] = [
    [['assurance', 'verdict'], assurance.verdict],
    [['assurance', 'restore'], assurance.restore],
    ...classes.map((each, index) => [['classes', index, 'assurance'], each.assurance] as const),
  ];
  for (const [path, least] of said)
    if (least === 'unverified')
      note(path, 'a production house knows who decides; `unverified` needs `profile: development`');
}

function siteOf(
  source: Site['source'],
  charter: Charter,
  vocabulary: Vocabulary,
  note: Note,
): Omit<Site, 'actions' | 'wildcard'> {
  const limits = new Set(source === 'house' ? [] : charter.limits.map(({ id }) => id));
  return { source, vocabulary, words: wordsOf(charter, vocabulary), limits, note };
}

type SiteBase = ReturnType<typeof siteOf>;

function checkPattern(pattern: Pattern & { readonly when?: Permit['when'] }, path: Path, base: SiteBase): void {
  const site: Site = { ...base, actions: checkedActions(pattern, path, base), wildcard: isWildcard(pattern) };
  checkCondition(pattern.when, [...path, 'when'], site);
}

function checkPermit(permit: Permit, path: Path, base: SiteBase): void {
  const actions = checkedActions(permit, path, base);
  checkFields(permit, actions, path, base.note);
  checkCondition(permit.when, [...path, 'when'], { ...base, actions, wildcard: false, permit: true });
}

function checkFields({ verb, fields }: Permit, actions: readonly ActionShape[], path: Path, note: Note): void {
  if (verb === 'read' && fields === undefined)
    note(path, 'a permit of `read` must say its `fields`; `fields: []` means none');
  if (verb !== 'read' && fields !== undefined)
    note([...path, 'fields'], `\`fields\` belong to \`read\`, not to \`${verb}\``);
  if (verb !== 'read' || actions.length === 0) return;
  const known = new Set(actions.flatMap((action) => action.fields));
  fields?.forEach((field, index) => {
    if (!known.has(field))
      note([...path, 'fields', index], `\`${actions[0]?.record}\` has no field \`${field}\``, nearest(field, known));
  });
}

function checkLimit(limit: Limit, path: Path, base: SiteBase): void {
  const actions = checkedActions(limit, path, base);
  const { sum } = limit;
  if (sum === undefined || actions.length === 0) return;
  const types = actions.flatMap(({ attributes }) => (Object.hasOwn(attributes, sum) ? (attributes[sum] ?? []) : []));
  const wrong = types.find((type) => !isNumeric(type));
  if (types.length === 0)
    base.note(
      [...path, 'sum'],
      `\`${limit.verb} ${limit.record}\` has no attribute \`${sum}\` to sum`,
      nearest(
        sum,
        actions.flatMap(({ attributes }) => Object.keys(attributes)),
      ),
    );
  if (wrong !== undefined) base.note([...path, 'sum'], `\`${sum}\` is ${wrong}; only money and number can be summed`);
}

/** The actions a statement speaks of; none is a slip, unless a wildcard of the house looks beyond what is registered. */
function checkedActions(pattern: Pattern, path: Path, { source, vocabulary, note }: SiteBase): readonly ActionShape[] {
  const actions = vocabulary.actions.filter((action) => matches(pattern, action));
  if (actions.length > 0) return actions;
  const { key, message, suggestion } = whyNothing(pattern, vocabulary.actions);
  const fine = source === 'house' && isWildcard(pattern) && (key === 'verb' || suggestion === undefined);
  if (!fine) note([...path, key], message, suggestion);
  return actions;
}

interface Slip {
  readonly key: 'record' | 'verb';
  readonly message: string;
  readonly suggestion: string | undefined;
}

function whyNothing({ verb, record }: Pattern, actions: readonly ActionShape[]): Slip {
  const there = actions.filter((action) => matches({ verb: 'any', record }, action));
  const verbs = typeof verb === 'string' ? verb : verb.join('`, `');
  if (there.length === 0) {
    const known = record.endsWith('.*')
      ? actions.map((action) => `${systemOf(action.record)}.*`)
      : actions.map((action) => action.record);
    return { key: 'record', message: `no registered action is on \`${record}\``, suggestion: nearest(record, known) };
  }
  const offered = [...new Set(there.map((action) => action.verb))];
  const suggestion = offered.length === 1 ? offered[0] : nearest(verbs, offered);
  const can = VERBS.filter((known) => offered.includes(known)).join('`, `');
  return { key: 'verb', message: `no registered action can \`${verbs}\` \`${record}\`, only \`${can}\``, suggestion };
}

interface Numbered {
  readonly id: string;
  readonly path: Path;
}

function numbered(list: string, statements: readonly { readonly id: string }[]): readonly Numbered[] {
  return statements.map(({ id }, index) => ({ id, path: [list, index, 'id'] }));
}

function checkIds(lists: readonly (readonly Numbered[])[], note: Note): void {
  const seen = new Set<string>();
  for (const { id, path } of lists.flat()) {
    if (seen.has(id)) note(path, `id \`${id}\` is already taken`);
    seen.add(id);
  }
}

function checkCaseNames(charter: Charter, note: Note): void {
  for (const name of Object.keys(charter.case))
    if (name.endsWith('?') && Object.hasOwn(charter.case, name.slice(0, -1)))
      note(['case', name], `\`${name.slice(0, -1)}\` cannot be both required and optional`);
}
