import { digestOf } from '../audit/canonical.ts';
import type { OpenedStep } from '../ledger/step.ts';
import type { Policy } from '../policy/compile.ts';
import type { Decision, Spoken } from '../policy/decision.ts';
import type { AuthorizationRequest, Circumstance, LiveState } from '../policy/request.ts';
import { ASSURANCES } from '../policy/statement.ts';
import type { Assurance } from '../policy/statement.ts';
import type { GuardedCall } from './guarded-call.ts';

/** What the policy is asked about a call, with the past as it stood under the locks. */
export function requestOf(
  { run, action, attributes, facts }: GuardedCall,
  { past }: OpenedStep,
  now: number,
): AuthorizationRequest {
  const { agent, charter, jobId } = run.job;
  return {
    principal: { agent, charter, jobId },
    action: action.name,
    verb: action.verb,
    record: action.record,
    fields: action.verb === 'read' ? action.fields : [],
    attributes,
    case: run.job.case,
    facts,
    past,
    now,
  };
}

/** What is in force for a call. A person who sends a draft passes caps; every other revocation counts for them too. */
export function liveOf(call: GuardedCall, opened: OpenedStep): LiveState {
  const { limits, revocations } = opened;
  const circumstances = circumstancesOf(call, opened);
  if (call.dispatch === undefined) return { level: call.policy.charter.level, revocations, limits, circumstances };
  const counting = revocations.filter(({ kind }) => kind !== 'cap' && kind !== 'pause-outbound');
  return { level: 'high-impact', revocations: counting, limits, circumstances };
}

/** Another payload already acted at this step. */
export function isConflict({ digest }: GuardedCall, { step }: OpenedStep): boolean {
  return step !== null && step.digest !== digest;
}

const RESET: Circumstance = {
  id: 'reset-run',
  outcome: 'gate',
  reason: 'the run was reset and no operator has admitted it yet',
};
const CONFLICT: Circumstance = {
  id: 'step-conflict',
  outcome: 'gate',
  reason: 'something else was already done at this step',
};

function circumstancesOf(call: GuardedCall, opened: OpenedStep): readonly Circumstance[] {
  if (call.action.verb === 'read') return [];
  return [...(opened.resetOpen ? [RESET] : []), ...(isConflict(call, opened) ? [CONFLICT] : [])];
}

/** What the facts said, for telling whether they still say it. */
export function factsDigest(facts: GuardedCall['facts']): string {
  const values = Object.entries(facts).map(
    ([name, fact]) => [name, fact.known ? { value: fact.value } : { unknown: true }] as const,
  );
  return digestOf(Object.fromEntries(values));
}

/** The most any gate that spoke asks for. */
export function assuranceNeeded(gates: readonly Spoken[], { house }: Policy): Assurance {
  const needs = gates.map(
    ({ riskClass }) => house.classes.find((each) => each.class === riskClass)?.assurance ?? house.assurance.verdict,
  );
  return ASSURANCES.findLast((assurance) => needs.includes(assurance)) ?? house.assurance.verdict;
}

const CODES: Readonly<Record<string, string>> = {
  revocation: 'REVOKED',
  level: 'BEYOND_LEVEL',
  limit: 'BEYOND_LIMIT',
  default: 'NOT_PERMITTED',
  house: 'FORBIDDEN_BY_HOUSE',
  charter: 'FORBIDDEN',
  guard: 'REFUSED_BY_GUARD',
};

/** A stable word for a denial, by the layer that spoke. */
export function codeOf({ determining: [first] }: Decision): string {
  return CODES[first?.layer ?? 'default'] ?? 'DENIED';
}
