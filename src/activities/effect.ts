import { AuditNotes, readBody } from '../ledger/audit-log.ts';
import { giveBackApproval } from '../ledger/approval.ts';
import { settleDraft } from '../ledger/draft.ts';
import { giveBack } from '../ledger/limit.ts';
import { settling, usedBy } from '../ledger/step.ts';
import { storable } from '../ledger/storable.ts';
import type { Intent, Settlement, StepRow } from '../ledger/step.ts';
import type { LedgerTransaction } from '../ledger/ledger.ts';
import type { Json } from '../policy/vocabulary.ts';
import { canonical } from '../audit/canonical.ts';
import type { ActionContext, EffectDefinition } from './action.ts';
import type { GuardedCall } from './guarded-call.ts';
import { attemptFailed, denied, leased } from './failures.ts';
import type { GuardPort } from './guard-port.ts';
import { NotDoneError } from './not-done-error.ts';

/** Runs one effect under its intent, and writes what became of it. */
export async function attempt(
  port: GuardPort,
  call: GuardedCall,
  intent: Intent,
  cancelled: AbortSignal,
): Promise<Json> {
  port.reached('intent-committed');
  let result: Json;
  try {
    result = await runUnderLease(port, call, intent, cancelled);
  } catch (error) {
    throw await failed(port, call, intent, error instanceof Error ? error : new Error(String(error)));
  }
  port.reached('effect-done');
  await conclude(port, call, intent, { state: 'done', says: 'done' }, result);
  port.reached('outcome-written');
  return result;
}

async function runUnderLease(
  port: GuardPort,
  call: GuardedCall,
  intent: Intent,
  cancelled: AbortSignal,
): Promise<Json> {
  const action = call.action as EffectDefinition<Json>;
  const context = contextFor(port, call, intent.effectKey, intent.deadlineAt, cancelled);
  port.reached('about-to-run');
  // INVARIANT: the last thing before the effect is the deadline; a process that slept past it does nothing.
  if (port.ledger.now() >= intent.deadlineAt)
    throw new NotDoneError('the lease ran out before the effect began', { retryable: true });
  const result = await action.run(call.payload, context);
  return exact(result ?? null);
}

export function contextFor(
  port: GuardPort,
  call: GuardedCall,
  key: string,
  deadlineAt: number,
  cancelled: AbortSignal,
): ActionContext {
  const { jobId, agent, charter, workflowId, case: caseInput } = call.run.job;
  const remaining = Math.max(1, deadlineAt - port.ledger.now());
  return {
    key,
    lease: { deadlineAt, signal: AbortSignal.any([cancelled, AbortSignal.timeout(remaining)]) },
    credential: {
      agent,
      token: () => port.credentials.mint({ agent, jobId, action: call.action.name, expiresAt: deadlineAt }),
    },
    job: { jobId, workflowId, agent, charter, case: caseInput },
  };
}

/** What the target answered, as it can be kept: the effect is done, so an odd character must not put it in doubt. */
function exact(result: Json): Json {
  const kept = storable(result);
  canonical(kept);
  return kept;
}

/** Sure that nothing happened: given back. Not sure: the intent stays, and whoever comes next finds it in doubt. */
async function failed(port: GuardPort, call: GuardedCall, intent: Intent, error: Error): Promise<Error> {
  if (!(error instanceof NotDoneError)) return attemptFailed('OUTCOME_LOST', error, true);
  await conclude(port, call, intent, { state: 'not-done', says: error.message }, null);
  return attemptFailed('NOT_DONE', error, error.retryable);
}

type Concluded = Pick<Settlement, 'state' | 'says'>;
type Attempted = Pick<Intent, 'jobId' | 'step' | 'attempt'>;

/** Writes an effect's outcome, and gives back what an effect that did not happen had used up. */
export async function conclude(
  port: GuardPort,
  call: GuardedCall,
  intent: Attempted,
  concluded: Concluded,
  result: Json,
): Promise<void> {
  const { state } = concluded;
  const says = storable(concluded.says);
  const { action } = call;
  const at = port.ledger.now();
  const notes = new AuditNotes(intent.jobId, at);
  const body = state === 'done' ? notes.body(result) : undefined;
  notes.add({
    kind: 'downstream-result',
    at,
    step: intent.step,
    action: action.name,
    outcome: state,
    says,
    ...(body === undefined ? {} : { body }),
  });
  const settled = settling(
    intent,
    { state, says, resultId: body?.bodyId ?? null, count: `${action.verb} ${action.record}` },
    at,
  );
  // The usual end is one statement; only what gives something back or ends a draft needs a transaction.
  if (state === 'done' && call.dispatch === undefined) await port.ledger.run((db) => notes.write(db, settled));
  else
    await port.ledger.transaction(async (trx) =>
      (await notes.write(trx, settled)) ? undo(trx, call, intent, concluded, at) : undefined,
    );
  port.log.info({ job: call.run.job.workflowId, step: intent.step, action: action.name, outcome: state }, 'effect');
}

async function undo(
  trx: LedgerTransaction,
  call: GuardedCall,
  { jobId, step }: Attempted,
  { state, says }: Concluded,
  at: number,
): Promise<void> {
  if (call.dispatch !== undefined) await settleDraft(trx, call.dispatch.draftId, DRAFT_STATE[state], says, at);
  if (state !== 'not-done') return;
  const { reserved, approvalId } = await usedBy(trx, jobId, step);
  await giveBack(trx, call.run.job.charter, reserved);
  if (approvalId !== null) await giveBackApproval(trx, approvalId, at);
}

const DRAFT_STATE = { done: 'sent', 'not-done': 'held', 'in-doubt': 'failed' } as const;

/**
 * An intent without an outcome. Nobody probes, resends or asks before its deadline and a margin are over.
 *
 * @returns the outcome if the target could tell, or `again` when the step may be decided afresh
 */
export async function settleUnsettled(
  port: GuardPort,
  call: GuardedCall,
  row: StepRow,
  cancelled: AbortSignal,
): Promise<{ result: Json } | 'again'> {
  const wait = row.deadline_at + port.leaseMarginMs - port.ledger.now();
  if (wait > 0) throw leased(wait);
  const action = call.action as EffectDefinition<Json>;
  const intent = { jobId: row.job_id, step: row.step, attempt: row.attempt };
  if (action.inDoubt === 'resend') {
    await conclude(
      port,
      call,
      intent,
      { state: 'not-done', says: 'outcome lost; the target honours the key, so it is sent again' },
      null,
    );
    return 'again';
  }
  if (action.inDoubt === 'probe') return probed(port, call, row, cancelled);
  await conclude(port, call, intent, { state: 'in-doubt', says: 'outcome lost; the target cannot be asked' }, null);
  throw inDoubt(row);
}

async function probed(
  port: GuardPort,
  call: GuardedCall,
  row: StepRow,
  cancelled: AbortSignal,
): Promise<{ result: Json } | 'again'> {
  const action = call.action as EffectDefinition<Json>;
  const intent = { jobId: row.job_id, step: row.step, attempt: row.attempt };
  const context = contextFor(port, call, row.effect_key, call.deadlineAt, cancelled);
  const probe = (await action.probe?.(call.payload, context)) ?? { done: 'unknown' as const };
  if (probe.done === 'unknown') {
    await conclude(
      port,
      call,
      intent,
      { state: 'in-doubt', says: 'outcome lost; the target was asked and does not know' },
      null,
    );
    throw inDoubt(row);
  }
  if (probe.done) {
    await conclude(port, call, intent, { state: 'done', says: 'found done at the target' }, probe.result);
    return { result: probe.result };
  }
  await conclude(port, call, intent, { state: 'not-done', says: 'the target says it did not happen' }, null);
  return 'again';
}

/** What the agent is told of an effect nobody can vouch for. */
export function inDoubt({ action, step }: Pick<StepRow, 'action' | 'step'>): Error {
  return denied({
    code: 'IN_DOUBT',
    reason: `nobody knows whether \`${action}\` at step ${step} happened; a person has to look`,
  });
}

/** What a finished step came to, for whoever repeats it; a draft of it was sent by its own job meanwhile. */
export async function recorded(port: GuardPort, { dispatch }: GuardedCall, { result_id }: StepRow): Promise<Json> {
  const { ledger } = port;
  if (dispatch !== undefined)
    await ledger.transaction((trx) =>
      settleDraft(trx, dispatch.draftId, 'sent', 'its job did it already', ledger.now()),
    );
  if (result_id === null) return null;
  return (await ledger.run((db) => readBody(db, result_id))) ?? null;
}
