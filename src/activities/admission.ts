import { z } from 'zod';
import type { Admission } from '../ledger/job.ts';
import { caseSchemaOf } from '../policy/case.ts';
import type { Charter } from '../policy/statement.ts';
import type { StartEvent } from './history.ts';
import { UnknownCharterError } from './policies.ts';
import type { Policies } from './policies.ts';

/** Which charters a Workflow type may work; a type that is not named here is never admitted. */
export type Bindings = Readonly<Record<string, readonly string[]>>;

/** Why a Workflow was not admitted. */
export interface NotAdmitted {
  readonly code:
    | 'UNBOUND_WORKFLOW'
    | 'CHILD_WORKFLOW'
    | 'INPUT_REJECTED'
    | 'UNKNOWN_CHARTER'
    | 'ADMISSION_MISMATCH'
    | 'STARTER_UNKNOWN';
  readonly reason: string;
}

const AgentJobInputSchema = z.strictObject({
  charter: z.string(),
  case: z.record(z.string(), z.unknown()),
  brain: z.string().optional(),
});

/** Reads an admission out of the server's own start event; nothing else of the Workflow is believed. */
export function admissionOf(start: StartEvent, bindings: Bindings, policies: Policies): Admission | NotAdmitted {
  const bound = bindings[start.workflowType];
  if (bound === undefined)
    return { code: 'UNBOUND_WORKFLOW', reason: `Workflow type \`${start.workflowType}\` is bound to no charter` };
  if (start.isChild)
    return { code: 'CHILD_WORKFLOW', reason: 'a child Workflow inherits nothing; start it as a job of its own' };
  const asked = readInput(start, bound);
  if ('code' in asked) return asked;
  if (!bound.includes(asked.charter))
    return {
      code: 'UNKNOWN_CHARTER',
      reason: `charter \`${asked.charter}\` is not bound to Workflow type \`${start.workflowType}\``,
    };
  return withCharter(start, asked, policies);
}

interface Asked {
  readonly charter: string;
  readonly brain: string | null;
  readonly case: unknown;
}

/** `agentJob` names its charter; a plain Workflow has the one bound to it, and its first argument is the case. */
function readInput({ workflowType, args: [first] }: StartEvent, bound: readonly string[]): Asked | NotAdmitted {
  const [only] = bound;
  if (workflowType !== 'agentJob')
    return only !== undefined && bound.length === 1
      ? { charter: only, brain: null, case: first }
      : { code: 'UNBOUND_WORKFLOW', reason: `Workflow type \`${workflowType}\` must be bound to exactly one charter` };
  const input = AgentJobInputSchema.safeParse(first);
  if (!input.success)
    return {
      code: 'INPUT_REJECTED',
      reason: `the job's input must be {charter, case}: ${z.prettifyError(input.error)}`,
    };
  return { charter: input.data.charter, brain: input.data.brain ?? 'playbook', case: input.data.case };
}

function withCharter(start: StartEvent, asked: Asked, policies: Policies): Admission | NotAdmitted {
  const charter = charterOf(policies, asked.charter);
  if (charter === undefined) return { code: 'UNKNOWN_CHARTER', reason: `no charter \`${asked.charter}\` is in force` };
  const read = caseSchemaOf(charter).safeParse(asked.case);
  if (!read.success)
    return {
      code: 'INPUT_REJECTED',
      reason: `the case does not fit charter \`${asked.charter}\`: ${z.prettifyError(read.error)}`,
    };
  return {
    workflowId: start.workflowId,
    workflowType: start.workflowType,
    charter: asked.charter,
    agent: charter.agent,
    brain: asked.brain,
    case: read.data,
    starter:
      start.principal === undefined
        ? { name: start.identity, assurance: 'unverified', door: 'temporal' }
        : { name: start.principal, assurance: 'principal', door: 'temporal' },
  };
}

function charterOf(policies: Policies, name: string): Charter | undefined {
  try {
    return policies.lastKnown(name).policy.charter;
  } catch (error) {
    if (error instanceof UnknownCharterError) return undefined;
    throw error;
  }
}
