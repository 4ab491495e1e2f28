import { randomUUID } from 'node:crypto';
import type { GuardedCall } from '../../src/activities/guarded-call.ts';
import { digestOf } from '../../src/audit/canonical.ts';
import { admitAhead, bindRun } from '../../src/ledger/job.ts';
import type { Run } from '../../src/ledger/job.ts';
import type { Json } from '../../src/policy/vocabulary.ts';
import type { Desk } from './desk.ts';

export const FRIEND = 'dana@friend.example';

/** A run of an admitted job without a Workflow, for decisions taken by hand. */
export async function aRun({ remit: { ledger } }: Desk, { reset = false } = {}): Promise<Run> {
  const workflowId = `by-hand-${randomUUID()}`;
  const admission = {
    workflowId,
    workflowType: 'agentJob',
    charter: 'desk-work',
    agent: 'desk-clerk',
    brain: 'script',
    case: { friend: FRIEND },
    starter: { name: 'a test', assurance: 'session', door: 'test' },
  } as const;
  await admitAhead(ledger, admission);
  const runId = randomUUID();
  const run = await bindRun(
    ledger,
    { workflowId, runId, firstRunId: runId, stepPrefix: reset ? randomUUID() : runId, reset, resetAdmittedBy: null },
    admission,
    'unverified',
  );
  if (typeof run === 'string') throw new Error(`not bound: ${run}`);
  return run;
}

export interface CallParts {
  readonly action?: string;
  readonly payload?: Json;
  /** The place within the run; a new one unless said. */
  readonly step?: string;
  readonly deadlineAt?: number;
}

/** A call as the guard has prepared it, all facts known. */
export function aCall({ remit: { port } }: Desk, run: Run, parts: CallParts = {}): GuardedCall {
  const name = parts.action ?? 'desk.send';
  const action = port.registry.actions.get(name);
  if (action === undefined) throw new Error(`no action \`${name}\``);
  const payload = parts.payload ?? { to: FRIEND, text: 'hello' };
  const attributes = Object.entries(action.attributes).map(([key, { of }]) => [key, of(payload)] as const);
  return {
    run,
    step: `${run.stepPrefix}/${parts.step ?? randomUUID()}`,
    action,
    payload,
    digest: digestOf({ action: name, payload }),
    sentence: action.sentence(payload),
    attributes: Object.fromEntries(attributes.filter((pair): pair is [string, Json] => pair[1] !== undefined)),
    facts: { unlucky: { known: true, value: false, origin: 'records', at: Date.now() } },
    policy: port.policies.lastKnown(run.job.charter).policy,
    deadlineAt: parts.deadlineAt ?? Date.now() + 30_000,
  };
}
