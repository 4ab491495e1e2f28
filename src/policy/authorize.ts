import { truthOf } from './clause.ts';
import { type ActionRules, byId, type CompiledNarrowing, type CompiledPermit, type Policy } from './compile.ts';
import type { Clause } from './condition.ts';
import type { Decision, Spoken } from './decision.ts';
import { spokenByLevel } from './level.ts';
import { answerOfLimit } from './limit.ts';
import type { AuthorizationRequest, Circumstance, LiveState } from './request.ts';
import { spokenByRevocation } from './scope.ts';
import { nearMissesOf, sentenceOf } from './sentence.ts';
import { narrowest } from './vocabulary.ts';

/**
 * Answers one request: the narrowest of all that spoke, `deny` where nothing permits. Never throws: what cannot be
 * evaluated denies.
 */
export function authorize(request: AuthorizationRequest, policy: Policy, live: LiveState): Decision {
  try {
    return decide(request, policy, live);
  } catch {
    return refusal('the request could not be evaluated', request, policy);
  }
}

function decide(request: AuthorizationRequest, policy: Policy, live: LiveState): Decision {
  const rules = policy.rulesFor(request.action, request.verb, request.record);
  if (rules === undefined) return refusal('this is no registered action', request, policy);
  if (!speaksFor(policy, request)) return refusal('the charter is not about this agent', request, policy);
  const permits = rules.permits.filter(({ clauses }) => truthOf(clauses, request, live) === 'true');
  const limits = rules.limits.map((limit) => answerOfLimit(limit, request, live));
  const level = spokenByLevel(live.level, rules.action);
  const spoken = [
    ...(permits.length > 0 ? permits.map((permit) => permit.spoken) : [defaultDeny(request, policy)]),
    ...rules.narrowings.flatMap((narrowing) => spokenByNarrowing(narrowing, request, live) ?? []),
    ...live.revocations.flatMap((each) => spokenByRevocation(each, request, rules.subjects, rules.action) ?? []),
    ...(level === undefined ? [] : [level]),
    ...limits.flatMap((answer) => answer.spoken ?? []),
    ...live.circumstances.map(spokenByGuard),
  ].sort(byId);
  const outcome = narrowest(spoken.map((each) => each.outcome));
  const mayHappen = outcome === 'permit' || outcome === 'gate';
  return answer(request, policy, live, rules, {
    outcome,
    determining: spoken.filter((each) => each.outcome === outcome),
    gates: spoken.filter((each) => each.outcome === 'gate'),
    fields: fieldsOf(request, mayHappen ? permits : []),
    reservations: mayHappen ? limits.map(({ reservation }) => reservation) : [],
    revision: policy.revision,
  });
}

function speaksFor({ charter }: Policy, { principal }: AuthorizationRequest): boolean {
  return principal.charter === charter.charter && principal.agent === charter.agent;
}

function defaultDeny({ verb, record }: AuthorizationRequest, { charter }: Policy): Spoken {
  const reason = `no permit of charter ${charter.charter} lets ${charter.agent} ${verb} ${record} like this`;
  return { id: 'default:deny', layer: 'default', outcome: 'deny', reason };
}

/** INVARIANT: a gate or forbid whose condition is unknown speaks, and says what was unknown. */
function spokenByNarrowing(
  { spoken, conditions }: CompiledNarrowing,
  request: AuthorizationRequest,
  live: LiveState,
): Spoken | undefined {
  const truths = conditions.map((clauses) => truthOf(clauses, request, live));
  if (truths.includes('true')) return spoken;
  if (!truths.includes('unknown')) return undefined;
  const unsure = conditions.filter((_, index) => truths[index] === 'unknown').flat();
  const unknown = unsure.filter((clause) => clause.test(request, live) === 'unknown').map(doubtInWords);
  return { ...spoken, reason: `${spoken.reason} (unknown: ${[...new Set(unknown)].sort().join(', ')})` };
}

/** A comparison of two values is unknown by either. */
function doubtInWords({ path, operator, operand }: Clause): string {
  const other = operator === 'sameAs' || operator === 'within' ? ` or \`${String(operand)}\`` : '';
  return `\`${path}\`${other}`;
}

function spokenByGuard({ id, outcome, reason }: Circumstance): Spoken {
  return { id: id.startsWith('guard:') ? id : `guard:${id}`, layer: 'guard', outcome, reason };
}

/** The union of what the permits that spoke grant, of what was asked for. */
function fieldsOf({ fields }: AuthorizationRequest, permits: readonly CompiledPermit[]): Decision['fields'] {
  const open = new Set(permits.flatMap((permit) => permit.fields));
  const asked = [...new Set(fields)];
  return { granted: asked.filter((field) => open.has(field)), withheld: asked.filter((field) => !open.has(field)) };
}

function answer(
  request: AuthorizationRequest,
  policy: Policy,
  live: LiveState,
  rules: ActionRules,
  facts: Omit<Decision, 'nearMisses' | 'sentence'>,
): Decision {
  const nearMisses = () => nearMissesOf(rules.permits, request, live);
  return { ...facts, nearMisses, sentence: () => sentenceOf(request, policy.charter, facts, nearMisses) };
}

/** A denial by default, when there is nothing to weigh. */
function refusal(reason: string, request: AuthorizationRequest, { charter, revision }: Policy): Decision {
  const determining: readonly Spoken[] = [{ id: 'default:deny', layer: 'default', outcome: 'deny', reason }];
  const fields = { granted: [], withheld: Array.isArray(request.fields) ? request.fields : [] };
  const facts = { outcome: 'deny', determining, gates: [], fields, reservations: [], revision } as const;
  const nearMisses = () => [];
  return { ...facts, nearMisses, sentence: () => sentenceOf(request, charter, facts, nearMisses) };
}
