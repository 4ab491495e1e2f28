import { createHash } from 'node:crypto';
import type { Action } from '../../src/activities/action.ts';
import type { Brain } from '../../src/activities/brain.ts';
import type { FactDefinition } from '../../src/activities/fact.ts';
import { authorize } from '../../src/policy/authorize.ts';
import type { Policy } from '../../src/policy/compile.ts';
import type { Decision } from '../../src/policy/decision.ts';
import type { Fact } from '../../src/policy/request.ts';
import type { Json } from '../../src/policy/vocabulary.ts';
import type { Call, CallResult, JobInput, Turn } from '../../src/workflows/messages.ts';
import { aContext, attributesOf } from './action.ts';

export interface DryJobParts {
  readonly actions: readonly Action[];
  readonly facts: readonly FactDefinition[];
  readonly policy: Policy;
  readonly brain: Brain;
  readonly input: JobInput;
  /** What people say to every gate. */
  readonly verdict: 'approved' | 'refused';
}

/** What a call came to: `gate` names the gates a person had to pass it through. */
export interface DryCall {
  readonly action: string;
  readonly outcome: CallResult['outcome'];
  readonly gates: readonly string[];
  readonly reason?: string;
}

/** Works one case as a job would, with the real policy, facts and actions, and without Temporal or a ledger. */
export async function dryJob(
  parts: DryJobParts,
): Promise<{ readonly calls: readonly DryCall[]; readonly summary: string }> {
  const transcript: Turn[] = [];
  const calls: DryCall[] = [];
  const past = new Past();
  for (let turn = 0; turn < 30; turn += 1) {
    const { charter, case: about } = parts.input;
    const step = await parts.brain.next({ charter, purpose: '', case: about, transcript, tools: [] });
    if (step.done) return { calls, summary: step.say };
    const results: CallResult[] = [];
    for (const [index, call] of step.calls.entries()) {
      const { result, gates } = await perform(call, `${turn}.${index}`, parts, past);
      results.push(result);
      calls.push({
        action: call.action,
        outcome: result.outcome,
        gates,
        ...(result.outcome === 'done' ? {} : { reason: result.reason }),
      });
    }
    transcript.push({ calls: step.calls, results });
  }
  throw new Error('the brain does not come to an end');
}

class Past {
  readonly labels = new Set<string>();
  readonly records = new Set<string>();
  readonly counts: Record<string, number> = {};
  readonly limits: Record<string, number> = {};
}

type Performed = { readonly result: CallResult; readonly gates: readonly string[] };

async function perform(call: Call, step: string, parts: DryJobParts, past: Past): Promise<Performed> {
  const action = parts.actions.find(({ name }) => name === call.action);
  const payload = action?.input.safeParse(call.input);
  if (action === undefined || payload === undefined) return not('denied', 'UNKNOWN_ACTION', call.action);
  if (!payload.success) return not('failed', 'BAD_INPUT', payload.error.message);
  const decision = await decide(action, call.input, parts, past);
  const gates = decision.gates.map(({ id }) => id);
  if (decision.outcome === 'deny') return not('denied', 'DENIED', decision.sentence());
  if (decision.outcome === 'hold') return not('held', 'HELD', decision.sentence());
  if (decision.outcome === 'gate' && parts.verdict === 'refused')
    return not('refused', 'REFUSED', 'not this time', gates);
  return { ...(await run(action, payload.data, step, decision, past)), gates };
}

async function decide(
  action: Action,
  input: Json,
  { facts, policy, input: { case: about } }: DryJobParts,
  past: Past,
): Promise<Decision> {
  const attributes = attributesOf(action, input);
  const names = policy.factsFor(action.verb, action.record);
  const found = await Promise.all(
    names.map(
      async (name) => [name, await factOf(name, facts, { action: action.name, attributes, case: about })] as const,
    ),
  );
  const principal = { agent: policy.charter.agent, charter: policy.charter.charter, jobId: 'dry' };
  const limits = Object.fromEntries(policy.charter.limits.map(({ id }) => [id, past.limits[id] ?? 0]));
  return authorize(
    {
      principal,
      action: action.name,
      verb: action.verb,
      record: action.record,
      fields: action.verb === 'read' ? action.fields : [],
      attributes,
      case: about,
      facts: Object.fromEntries(found),
      past: { labels: [...past.labels], records: [...past.records], counts: past.counts },
      now: Date.UTC(2026, 9, 12, 9),
    },
    policy,
    { level: policy.charter.level, revocations: [], limits, circumstances: [] },
  );
}

async function factOf(
  name: string,
  facts: readonly FactDefinition[],
  question: Parameters<FactDefinition['resolve']>[0],
): Promise<Fact> {
  const fact = facts.find((one) => one.name === name);
  const value = await fact?.resolve(question, new AbortController().signal).catch(() => undefined);
  return value === undefined ? { known: false, reason: 'not known' } : { known: true, value, origin: 'records', at: 0 };
}

async function run(
  action: Action,
  payload: unknown,
  step: string,
  decision: Decision,
  past: Past,
): Promise<{ result: CallResult }> {
  const pair = `${action.verb} ${action.record}`;
  const key = createHash('sha256').update(`${Math.random()}${step}`).digest('hex').slice(0, 32);
  for (const { limitId, amount } of decision.reservations) past.limits[limitId] = (past.limits[limitId] ?? 0) + amount;
  past.counts[pair] = (past.counts[pair] ?? 0) + 1;
  if (action.verb !== 'read')
    return { result: { outcome: 'done', result: await action.run(payload, aContext({ key })) } };
  const { records } = await action.run(payload, aContext({ key }));
  for (const { id, labels } of records) {
    past.records.add(`${action.record}:${id}`);
    for (const label of labels) past.labels.add(label);
  }
  const granted = records.map(({ fields, ...record }) => ({
    ...record,
    fields: Object.fromEntries(Object.entries(fields).filter(([name]) => decision.fields.granted.includes(name))),
  }));
  return { result: { outcome: 'done', result: { records: granted, withheld: decision.fields.withheld } } };
}

function not(
  outcome: 'denied' | 'refused' | 'held' | 'failed',
  code: string,
  reason: string,
  gates: readonly string[] = [],
): Performed {
  return { result: { outcome, code, reason }, gates };
}
