import { clauseInWords, clausesOf } from './clause.ts';
import type { Policy } from './compile.ts';
import type { Condition } from './condition.ts';
import { narrowerLevel } from './level.ts';
import type { LiveState } from './request.ts';
import { type Revocation, revocationInWords } from './revocation.ts';
import { type HouseRules, type Limit, matches, type Pattern } from './statement.ts';
import { systemOf } from './vocabulary.ts';

/** One paragraph: who the agent is, what it touches, may do, and needs approval for, how to stop it, what is narrowed now. */
export function explain(policy: Policy, live: Pick<LiveState, 'level' | 'revocations'>): string {
  return [
    introduction(policy),
    touches(policy),
    permits(policy),
    approvals(policy),
    forbids(policy),
    limits(policy.charter.limits),
    narrowedNow(policy, live),
    `To stop it: \`remit revoke --charter ${policy.charter.charter}\`.`,
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function introduction({ charter: { agent, charter, owner, purpose } }: Policy): string {
  return `Agent \`${agent}\` works the charter \`${charter}\`, owned by ${owner}: ${plain(purpose)}.`;
}

function touches({ charter }: Policy): string {
  const systems = [...new Set(charter.permits.map(({ record }) => systemOf(record)))].sort();
  return systems.length === 0 ? 'It touches no system.' : `It touches ${list(systems, 'and')}.`;
}

function permits({ charter }: Policy): string {
  if (charter.permits.length === 0) return 'It may do nothing.';
  const each = charter.permits.map(
    ({ verb, record, fields, when }) => `${verb} ${record}${fieldsInWords(fields)}${conditionInWords(when)}`,
  );
  return `It may ${list(each, 'and')}.`;
}

function fieldsInWords(fields: readonly string[] | undefined): string {
  if (fields === undefined) return '';
  return fields.length === 0 ? ' (no fields)' : ` (${fields.join(', ')})`;
}

/** Gates that bear on something the charter permits; the others protect against what it cannot do anyway. */
function approvals({ charter, house }: Policy): string {
  const gates = [
    ...[...charter.gates, ...house.gates].filter((gate) => bears(gate, charter.permits)).map(({ reason }) => reason),
    ...classesThatBear(house, charter.permits),
  ];
  if (gates.length === 0) return 'Nothing it may do needs approval.';
  return `A person must approve first: ${list([...new Set(gates.map(plain))], 'and')}.`;
}

function classesThatBear(house: HouseRules, permitted: readonly Pattern[]): readonly string[] {
  return house.classes
    .filter(({ applies }) => applies.some((pattern) => bears(pattern, permitted)))
    .map(({ says }) => says);
}

function bears(pattern: Pattern, permitted: readonly Pattern[]): boolean {
  return permitted.some(
    ({ verb, record }) => typeof verb === 'string' && verb !== 'any' && matches(pattern, { verb, record }),
  );
}

function forbids({ charter, house }: Policy): string {
  const reasons = [...charter.forbids, ...house.forbids]
    .filter((forbid) => bears(forbid, charter.permits))
    .map(({ reason }) => plain(reason));
  return reasons.length === 0 ? '' : `It never goes through: ${list([...new Set(reasons)], 'or')}.`;
}

function limits(all: readonly Limit[]): string {
  const each = all.map(({ verb, record, atMost, per, sum, beyond }) => {
    const what = sum === undefined ? `${verb} ${record}` : `${sum} of ${verb} ${record}`;
    return `${what} at most ${atMost} per ${per}${beyond === 'gate' ? ', then a person decides' : ''}`;
  });
  return each.length === 0 ? '' : `Limits: ${each.join('; ')}.`;
}

function narrowedNow({ charter }: Policy, live: Pick<LiveState, 'level' | 'revocations'>): string {
  const level = narrowerLevel(live.level, charter.level);
  const at = `It works at level ${level}${level === charter.level ? '' : `, narrowed from ${charter.level}`}`;
  const narrowings = live.revocations
    .filter((revocation) => mayConcern(revocation, charter))
    .map((revocation) => `${plain(revocationInWords(revocation))} (by ${revocation.author})`);
  return narrowings.length === 0
    ? `${at}, and nothing else is narrowed now.`
    : `${at}; narrowed now: ${narrowings.join('; ')}.`;
}

/** Whether a revocation could bear on this charter; jobs, actions, customers and domains are told by the call alone. */
function mayConcern({ scope }: Revocation, { agent, charter, permits: permitted }: Policy['charter']): boolean {
  if (scope.kind === 'agent') return scope.value === agent;
  if (scope.kind === 'charter') return scope.value === charter;
  if (scope.kind === 'system') return permitted.some(({ record }) => systemOf(record) === scope.value);
  return true;
}

function conditionInWords(when: Condition | undefined): string {
  const clauses = clausesOf(when).map(clauseInWords);
  return clauses.length === 0 ? '' : ` when ${list(clauses, 'and')}`;
}

/** One line without its final full stop, so that it can stand inside a sentence. */
function plain(text: string): string {
  return text.trim().replace(/\s+/g, ' ').replace(/\.$/, '');
}

function list(items: readonly string[], last: 'and' | 'or'): string {
  const separator = items.some((item) => item.includes(',')) ? '; ' : ', ';
  if (items.length <= 1) return items.join('');
  return `${items.slice(0, -1).join(separator)}${separator === '; ' ? ';' : ''} ${last} ${items.at(-1)}`;
}
