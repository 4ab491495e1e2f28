import {
  ActivityFailure,
  ApplicationFailure,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
} from '@temporalio/client';
import type { By } from '../audit/entry.ts';
import { findDraft, orderDispatch, sentResult, settleDraft } from '../ledger/draft.ts';
import type { Json } from '../policy/vocabulary.ts';
import { FAILURES } from '../workflows/messages.ts';
import type { RefusalDetail } from '../workflows/messages.ts';
import { ApiError, notFound } from './api-error.ts';
import type { Remit } from './remit.ts';

const PATIENCE_MS = 60_000;

/**
 * Sends a held draft, exactly as it is, as the person who asks: the order first, then the Workflow that carries it out.
 *
 * @returns what the action returned
 */
export async function sendDraft(remit: Remit, draftId: string, by: By): Promise<Json> {
  const { ledger, client, taskQueue } = remit;
  const draft = await ledger.run((db) => findDraft(db, draftId));
  if (draft === undefined) throw notFound('draft', draftId);
  const why = await orderDispatch(ledger, draftId, by);
  if (why !== undefined) throw new ApiError(409, 'ALREADY_SENT', why);
  const workflowId = `draft-${draftId}`;
  const handle = await client.workflow
    .start('dispatchDraft', {
      taskQueue,
      workflowId,
      args: [draftId],
      staticSummary: `Send held draft: ${draft.sentence.slice(0, 150)}`,
    })
    .catch((error: unknown) => {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return client.workflow.getHandle(workflowId);
      return keepHeld(remit, draftId, error);
    });
  await outcome(handle.result() as Promise<Json>, draftId);
  return resultOf(remit, draftId);
}

/** The Workflow never began: the order must not lie about for somebody else to carry out. */
async function keepHeld({ ledger }: Remit, draftId: string, error: unknown): Promise<never> {
  await ledger.transaction((trx) =>
    settleDraft(trx, draftId, 'held', 'its sending could not be started', ledger.now()),
  );
  throw error;
}

/** What the ledger says came of it; a Workflow's own word is anybody's. */
async function resultOf({ ledger }: Remit, draftId: string): Promise<Json> {
  const draft = await ledger.run((db) => findDraft(db, draftId));
  if (draft?.state !== 'sent')
    throw new ApiError(
      409,
      'NOT_SENT',
      `draft \`${draftId}\` was not sent; the Workflow \`draft-${draftId}\` was not ours, or was interfered with`,
    );
  return ledger.run((db) => sentResult(db, draft));
}

async function outcome(result: Promise<Json>, draftId: string): Promise<Json> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(new ApiError(504, 'STILL_SENDING', `draft \`${draftId}\` is still being sent; see \`remit drafts\``)),
      PATIENCE_MS,
    );
  });
  try {
    return await Promise.race([result, late]);
  } catch (error) {
    throw asRefusal(error);
  } finally {
    clearTimeout(timer);
    result.catch(() => undefined);
  }
}

/** What the guard said, out of Temporal's wrapping. */
function asRefusal(error: unknown): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  const cause = error.cause instanceof ActivityFailure ? error.cause.cause : error.cause;
  if (!(cause instanceof ApplicationFailure))
    return new ApiError(500, 'SEND_FAILED', error.cause?.message ?? error.message);
  const [detail] = (cause.details ?? []) as Partial<RefusalDetail>[];
  const denied = cause.type === FAILURES.denied;
  return new ApiError(denied ? 403 : 500, detail?.code ?? cause.type ?? 'SEND_FAILED', detail?.reason ?? cause.message);
}
