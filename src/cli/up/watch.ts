import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '../../server/stack.ts';

const LOOK_EVERY_MS = 1_000;

/** Resolves with the name of a server of ours that has ended by itself; never, once we are asked to stop. */
export async function untilOneFalls(stack: Pick<Stack, 'fallen'>, asked: AbortSignal): Promise<string> {
  for (;;) {
    await sleep(LOOK_EVERY_MS, undefined, { ref: false });
    const fallen = asked.aborted ? undefined : stack.fallen();
    if (fallen !== undefined) return fallen;
  }
}
