import { proxyActivities } from '@temporalio/workflow';
import type { Json } from '../../src/policy/vocabulary.ts';

export { agentJob } from '../../src/workflows/agent-job.ts';
export { dispatchDraft } from '../../src/workflows/dispatch-draft.ts';

/** A plain team's Workflow: it knows nothing of Remit. */
export async function plainWorkflow({ calls }: { calls: { action: string; input: Json }[] }): Promise<Json[]> {
  const results: Json[] = [];
  const actions = proxyActivities<Record<string, (input: Json) => Promise<Json>>>({ startToCloseTimeout: '30 seconds', retry: { initialInterval: '200 milliseconds' } });
  for (const { action, input } of calls) results.push((await actions[action]?.(input)) ?? null);
  return results;
}
