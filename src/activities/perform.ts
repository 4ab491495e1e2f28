import { cancellationSignal } from '@temporalio/activity';
import { z } from 'zod';
import { canonical, digestOf } from '../audit/canonical.ts';
import type { ApprovalRow } from '../ledger/approval.ts';
import { AuditNotes } from '../ledger/audit-log.ts';
import type { Run } from '../ledger/job.ts';
import type { OpenedStep } from '../ledger/step.ts';
import { storable } from '../ledger/storable.ts';
import type { Json } from '../policy/vocabulary.ts';
import type { Action } from './action.ts';
import { standing } from './boundary-view.ts';
import { decideStep } from './decide-step.ts';
import { attempt, inDoubt, recorded, settleUnsettled } from './effect.ts';
import { approvalRequired, denied, heldAsDraft, refused } from './failures.ts';
import type { GuardPort } from './guard-port.ts';
import type { GuardedCall } from './guarded-call.ts';
import { read } from './read.ts';
import { resolveFacts } from './resolve-facts.ts';
import type { Ruling } from './ruling.ts';

/** An action somebody wants performed at a step of a run; the payload is unread. */
export interface Wanted {
  readonly run: Run;
  readonly action: Action;
  readonly step: string;
  readonly payload: unknown;
  readonly deadlineMs: number;
  readonly dispatch?: NonNullable<GuardedCall['dispatch']>;
}

/** Decides one action and does what the decision says. Throws the failure that tells the Workflow anything but `done`. */
export async function perform(port: GuardPort, wanted: Wanted): Promise<Json> {
  const { run, step, action, dispatch } = wanted;
  // A draft's payload was read when it was held; reading it again could make another one of it.
  const parsed = dispatch === undefined ? readPayload(wanted) : { payload: wanted.payload as Json };
  if ('problem' in parsed)
    throw await denyOutright(port, run, { step, action: action.name, code: 'INPUT_REJECTED', reason: parsed.problem });
  for (;;) {
    const call = await prepare(port, wanted, parsed.payload);
    if (dispatch !== undefined && call.digest !== dispatch.digest)
      throw await denyOutright(port, run, draftChanged(call));
    const ruling = await decideStep(port.ledger, call);
    if (ruling.go === 'stale-policy') {
      await takePolicy(port, call, ruling.revision);
      continue;
    }
    note(port, call, ruling);
    const result = await follow(port, call, ruling);
    if (result !== 'again') return result.result;
  }
}

/** What would be sent is not what was held: its body was altered. */
function draftChanged({ step, action }: GuardedCall): Parameters<typeof denyOutright>[2] {
  return { step, action: action.name, code: 'DRAFT_CHANGED', reason: 'the draft is no longer what was held' };
}

async function follow(
  port: GuardPort,
  call: GuardedCall,
  ruling: Exclude<Ruling, { go: 'stale-policy' }>,
): Promise<{ result: Json } | 'again'> {
  const cancelled = cancellationSignal();
  switch (ruling.go) {
    case 'read':
      return { result: await read(port, call, ruling.decision, cancelled) };
    case 'effect':
      return { result: await attempt(port, call, ruling.intent, cancelled) };
    case 'recorded':
      return { result: await recorded(port, call, ruling.row) };
    case 'unsettled':
      return settleUnsettled(port, call, ruling.row, cancelled);
    case 'in-doubt':
      throw inDoubt(ruling.row);
    case 'ask':
      throw approvalRequired(detailOf(call, ruling.request, ruling.opened));
    case 'held':
      throw heldAsDraft({ code: 'HELD', reason: ruling.reason, draftId: ruling.draftId });
    case 'refused':
      throw refused({ code: ruling.code, reason: ruling.reason });
    case 'denied':
      throw denied({ code: ruling.code, reason: ruling.reason });
  }
}

function detailOf(call: GuardedCall, request: ApprovalRow, opened: OpenedStep): Parameters<typeof approvalRequired>[0] {
  return {
    requestId: request.request_id,
    sentence: request.sentence,
    reason: request.reason,
    action: request.action,
    since: new Date(request.asked_at).toISOString(),
    boundary: standing(call.policy, call.run.job, opened.revocations),
  };
}

/** Parses the payload by the action's own schema and takes from it what the effect is. */
function readPayload({ action, payload }: Wanted): { payload: Json } | { problem: string } {
  const read = (action.input as z.ZodType<Json>).safeParse(payload);
  if (!read.success) return { problem: `the payload does not fit \`${action.name}\`: ${z.prettifyError(read.error)}` };
  try {
    if (canonical(read.data) !== canonical(storable(read.data))) return { problem: 'the payload must not hold NUL' };
    return { payload: read.data };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : 'the payload is not plain JSON' };
  }
}

async function prepare(
  port: GuardPort,
  { run, action, step, deadlineMs, dispatch }: Wanted,
  payload: Json,
): Promise<GuardedCall> {
  const { policy } = port.policies.lastKnown(run.job.charter);
  const attributes = attributesOf(action, payload);
  const question = { action: action.name, attributes, case: run.job.case };
  const facts = await resolveFacts(
    policy.factsFor(action.verb, action.record),
    port.registry.facts,
    question,
    port.ledger.now,
  );
  return {
    run,
    step,
    action,
    payload,
    digest: digestOf({ action: action.name, payload }),
    sentence: action.sentence(payload),
    attributes,
    facts,
    policy,
    deadlineAt: port.ledger.now() + deadlineMs,
    ...(dispatch === undefined ? {} : { dispatch }),
  };
}

/** What cannot be taken from the payload is left out, and so unknown. */
function attributesOf(action: Action, payload: Json): Readonly<Record<string, Json>> {
  const taken = Object.entries(action.attributes).map(([name, { of }]) => [name, quietly(() => of(payload))] as const);
  return Object.fromEntries(taken.filter((pair): pair is [string, Json] => pair[1] !== undefined));
}

function quietly(take: () => Json | undefined): Json | undefined {
  try {
    const value = take();
    if (value !== undefined) canonical(value);
    return value;
  } catch {
    return undefined;
  }
}

async function takePolicy(port: GuardPort, call: GuardedCall, revision: string | null): Promise<void> {
  const { charter } = call.run.job;
  if (revision === null)
    throw denied({ code: 'UNKNOWN_CHARTER', reason: `no revision of charter \`${charter}\` is in force` });
  await port.policies.take(charter, revision);
}

/** Denies what never became a decision, and leaves it in the job's chain. */
export async function denyOutright(
  port: GuardPort,
  run: Run,
  { step, action, code, reason }: { step: string; action: string; code: string; reason: string },
): Promise<Error> {
  const at = port.ledger.now();
  const chain = run.job.jobId;
  await port.ledger.transaction(async (trx) => {
    const notes = new AuditNotes(chain, at);
    notes.add(
      { kind: 'tool-call', at, step, action, attempt: 1 },
      {
        kind: 'decision',
        at,
        step,
        action,
        outcome: 'deny',
        code,
        determining: [`guard:${code.toLowerCase()}`],
        revision: '',
        body: notes.body({ reason }),
      },
    );
    await notes.write(trx);
  });
  port.log.info({ job: run.job.workflowId, step, action, ruling: 'denied', code }, 'decision');
  return denied({ code, reason });
}

function note({ log }: GuardPort, call: GuardedCall, ruling: Ruling): void {
  const { job } = call.run;
  log.info(
    {
      job: job.workflowId,
      charter: job.charter,
      step: call.step,
      action: call.action.name,
      ruling: ruling.go,
      ...('code' in ruling ? { code: ruling.code } : {}),
    },
    'decision',
  );
}
