import { proxyActivities } from '@temporalio/workflow';
import type { Json } from '../policy/vocabulary.ts';

interface Dispatch {
  dispatchDraft(draftId: string): Promise<Json>;
}

/** Sends one held draft, exactly as it is, as the person who asked for it; the guard knows both from the ledger. */
export async function dispatchDraft(draftId: string): Promise<Json> {
  const { dispatchDraft } = proxyActivities<Dispatch>({
    startToCloseTimeout: '2 minutes',
    retry: { maximumInterval: '10 seconds' },
    summary: 'Send the held draft',
  });
  return dispatchDraft(draftId);
}
