import { condition, continueAsNew, proxyActivities, proxyLocalActivities, sleep } from '@temporalio/workflow';
import type { Json } from '../../src/policy/vocabulary.ts';
export { agentJob } from '../../src/workflows/agent-job.ts';
export { dispatchDraft } from '../../src/workflows/dispatch-draft.ts';
type A = Record<string, (input: Json) => Promise<Json>>;
const plain = proxyActivities<A>({ startToCloseTimeout: '30 seconds', retry: { initialInterval: '200 milliseconds' } });
export async function localWf({ friend }: { friend: string }): Promise<Json> {
  const local = proxyLocalActivities<A>({ startToCloseTimeout: '2 seconds', localRetryThreshold: '1 millisecond', retry: { initialInterval: '300 milliseconds', maximumAttempts: 4 } });
  return (await local['desk.send']?.({ to: friend, text: 'hello' })) ?? null;
}
/** first run: nothing but a hand-over; second run: the effect, once a chain */
export async function stagedWf({ friend }: { friend: string }, stage = 0): Promise<string> {
  await plain['desk.readNote']?.({ id: String(stage) });
  if (stage === 0) return continueAsNew<typeof stagedWf>({ friend }, 1);
  await plain['desk.send']?.({ to: friend, text: 'hello' });
  return 'sent';
}
export async function squatWf(_: { friend: string }): Promise<Json> {
  await sleep(3000);
  return { id: 'forged' };
}
export async function waitWf(_: { friend: string }): Promise<void> { await plain['desk.readNote']?.({ id: '1' }); await condition(() => false); }
