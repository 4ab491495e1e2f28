import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  continueAsNew,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { Json } from '../policy/vocabulary.ts';
import { tellBoundary } from './gate.ts';
import { FAILURES } from './messages.ts';
import type { Call, CallResult, ControlActivities, JobInput, JobReport, RefusalDetail, Turn } from './messages.ts';

/** What a run hands to the next one of its chain; whoever starts a job leaves it out. */
interface Resumed {
  readonly transcript: readonly Turn[];
}

const patience = { startToCloseTimeout: '2 minutes', retry: { maximumInterval: '30 seconds' } } as const;

/** Runs one case of a charter: ask the brain, do what the boundary lets through, until the brain is done. */
export async function agentJob(input: JobInput, resumed?: Resumed): Promise<JobReport> {
  const transcript = [...(resumed?.transcript ?? [])];
  for (;;) {
    const turn = transcript.length;
    const { think } = proxyActivities<ControlActivities>({
      ...patience,
      activityId: `${turn}.think`,
      summary: 'Ask the brain',
    });
    const { step, boundary } = await think({ turn, transcript });
    tellBoundary(boundary);
    if (step.done) return report(transcript, step.say);
    const results = await Promise.all(step.calls.map((call, index) => perform(call, `${turn}.${index}`)));
    transcript.push({ ...(step.say === undefined ? {} : { say: step.say }), calls: step.calls.map(bare), results });
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof agentJob>(input, { transcript });
  }
}

/** One call behind the guard. Never throws, save when the job itself is cancelled: the agent is told and goes on. */
async function perform(call: Call & { readonly summary: string }, activityId: string): Promise<CallResult> {
  if (call.action === '') return { outcome: 'failed', code: 'UNKNOWN_ACTION', reason: 'a call must name an action' };
  const actions = proxyActivities<Record<string, (input: Json) => Promise<Json>>>({
    ...patience,
    activityId,
    summary: call.summary,
  });
  try {
    const result = await actions[call.action]?.(call.input);
    return { outcome: 'done', result: result ?? null };
  } catch (error) {
    if (
      error instanceof CancelledFailure ||
      (error instanceof ActivityFailure && error.cause instanceof CancelledFailure)
    )
      throw error;
    return refusalIn(error);
  }
}

const told: Readonly<Record<string, 'denied' | 'refused' | 'held'>> = {
  [FAILURES.denied]: 'denied',
  [FAILURES.refused]: 'refused',
  [FAILURES.heldAsDraft]: 'held',
};

function refusalIn(error: unknown): CallResult {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const outcome = cause instanceof ApplicationFailure ? told[cause.type ?? ''] : undefined;
  if (cause instanceof ApplicationFailure && outcome !== undefined) {
    const { code, reason } = (cause.details as [RefusalDetail])[0];
    return { outcome, code, reason };
  }
  const type = cause instanceof ApplicationFailure ? cause.type : undefined;
  return {
    outcome: 'failed',
    code: type ?? 'FAILED',
    reason: cause instanceof Error ? cause.message : 'the action failed',
  };
}

function bare({ action, input }: Call): Call {
  return { action, input };
}

function report(transcript: readonly Turn[], summary: string): JobReport {
  const calls = transcript.flatMap(({ calls, results }) =>
    calls.map(({ action }, index) => ({ action, outcome: results[index]?.outcome ?? 'failed' })),
  );
  return { summary, turns: transcript.length, calls };
}
