import { proxyActivities } from '@temporalio/workflow';

const options = { startToCloseTimeout: '1 minute' } as const;
const { bare } = proxyActivities<{ bare: (input: object) => Promise<object> }>(options);
const actions = proxyActivities<Record<string, (input: object) => Promise<object>>>(options);

/** The baseline: the same Activity without Remit, one after the other. */
export async function bareJob({ steps }: { steps: number }): Promise<number> {
  for (let step = 0; step < steps; step++) await bare({ id: `${step}` });
  return steps;
}

/** The same, behind the guard. */
export async function guardedJob({ steps }: { steps: number }): Promise<number> {
  for (let step = 0; step < steps; step++) await actions['bench.write']?.({ id: `${step}` });
  return steps;
}
