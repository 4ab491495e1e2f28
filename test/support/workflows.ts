import {
  ActivityFailure,
  ApplicationFailure,
  condition,
  continueAsNew,
  defineSignal,
  executeChild,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';
import type { Json } from '../../src/policy/vocabulary.ts';

export { agentJob } from '../../src/workflows/agent-job.ts';
export { dispatchDraft } from '../../src/workflows/dispatch-draft.ts';

/** A plain team's Workflow: it knows nothing of Remit, and its first argument is its case. */
export async function plainWorkflow({ friend }: { friend: string }): Promise<Json> {
  return (await plain['desk.send']?.({ to: friend, text: 'hello' })) ?? null;
}

/** Its first two actions come at once, and neither is tried again. */
export async function parallelWorkflow({ friend }: { friend: string }): Promise<unknown> {
  const once = proxyActivities<Record<string, (input: Json) => Promise<Json>>>({
    startToCloseTimeout: '30 seconds',
    retry: { maximumAttempts: 1 },
  });
  return Promise.all([1, 2].map(async (turn) => once['desk.send']?.({ to: friend, text: `turn ${turn}` })));
}

/** Makes one call as a local Activity. */
export async function localWorkflow(_case: Json, action: string, input: Json): Promise<string> {
  const local = proxyLocalActivities<Record<string, (input: Json) => Promise<Json>>>({
    startToCloseTimeout: '10 seconds',
  });
  return (await local[action]?.(input).then(() => 'done', codeIn)) ?? 'unknown';
}

/** Tries to have a child act in its name. */
export async function parentWorkflow({ friend }: { friend: string }): Promise<unknown> {
  return executeChild('plainWorkflow', { args: [{ friend }] });
}

/** Sends the same message in every run of its chain. */
export async function chainWorkflow({ friend }: { friend: string }, left = 3): Promise<number> {
  await plain['desk.send']?.({ to: friend, text: 'hello' });
  if (left > 1) await continueAsNew<typeof chainWorkflow>({ friend }, left - 1);
  return left;
}

/** No job of ours, with a Signal `approve` of its own. */
export async function ownAffairs(): Promise<string> {
  let said = '';
  setHandler(defineSignal<[string]>('approve'), (word) => void (said = word));
  await condition(() => said !== '');
  return said;
}

/** One nobody bound to a charter. */
export async function unboundWorkflow({ friend }: { friend: string }): Promise<Json> {
  return (await plain['desk.send']?.({ to: friend, text: 'hello' })) ?? null;
}

const plain = proxyActivities<Record<string, (input: Json) => Promise<Json>>>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '200 milliseconds' },
});

/** Makes its calls one after another with short patience, so that what a killed Worker left is soon taken up. The case comes first, as admission reads it. */
export async function hurriedWorkflow(_case: Json, calls: { action: string; input: Json }[]): Promise<string[]> {
  const outcomes: string[] = [];
  const actions = proxyActivities<Record<string, (input: Json) => Promise<Json>>>({
    startToCloseTimeout: '3 seconds',
    retry: { initialInterval: '100 milliseconds', maximumInterval: '1 second' },
  });
  for (const { action, input } of calls)
    outcomes.push((await actions[action]?.(input).then(() => 'done', codeIn)) ?? 'unknown');
  return outcomes;
}

function codeIn(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (!(cause instanceof ApplicationFailure)) throw error;
  return (cause.details as [{ code: string }])[0].code;
}

/** Would like to be its own reviewer: tells Remit's Activity, in an argument, that its waiting request was approved. */
export async function selfApproving(_case: Json, { action, input }: { action: string; input: Json }): Promise<string> {
  let requestId: string | undefined;
  setHandler(defineSignal<[string]>('itsRequest'), (id) => void (requestId = id));
  const actions = proxyActivities<Record<string, (...args: Json[]) => Promise<Json>>>({
    startToCloseTimeout: '10 seconds',
  });
  const call = actions[action]?.(input).then(() => 'done', codeIn);
  await condition(() => requestId !== undefined);
  await actions['recordSignals']?.(requestId ?? null);
  const soon = condition(() => false, '2 seconds').then(() => 'still waiting');
  return Promise.race([call ?? soon, soon]);
}
