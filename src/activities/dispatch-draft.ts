import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Assurance } from '../policy/statement.ts';
import type { Json } from '../policy/vocabulary.ts';
import { readBody } from '../ledger/audit-log.ts';
import { findDraft, settleDraft } from '../ledger/draft.ts';
import type { DraftRow } from '../ledger/draft.ts';
import { findJobById } from '../ledger/job.ts';
import type { Run } from '../ledger/job.ts';
import { FAILURES } from '../workflows/messages.ts';
import { denied } from './failures.ts';
import { leaseMsOf } from './lease.ts';
import { perform } from './perform.ts';
import type { GuardPort } from './guard-port.ts';

/**
 * Sends a held draft under its job's identity, at its job's step: the same effect key, so never twice.
 *
 * @param draftId - a draft a person has ordered sent; who they are is read from the ledger
 */
export async function dispatchDraft(port: GuardPort, draftId: string): Promise<Json> {
  return send(port, draftId).catch((error: unknown) => keepHeld(port, draftId, error));
}

async function send(port: GuardPort, draftId: string): Promise<Json> {
  const draft = await port.ledger.run((db) => findDraft(db, draftId));
  if (draft === undefined || draft.sent_by === null || draft.state === 'held')
    throw denied({ code: 'NOT_ORDERED', reason: `nobody has ordered draft \`${draftId}\` sent` });
  const action = port.registry.actions.get(draft.action);
  if (action === undefined)
    throw denied({ code: 'UNKNOWN_ACTION', reason: `there is no action \`${draft.action}\` any more` });
  const payload = await port.ledger.run((db) => readBody(db, draft.payload_id));
  if (payload === undefined) throw denied({ code: 'ERASED', reason: `what draft \`${draftId}\` said was erased` });
  const by = { name: draft.sent_by, assurance: draft.sent_assurance as Assurance, door: 'draft' };
  const deadlineMs = leaseMsOf(action, activityInfo());
  const wanted = {
    run: await runOf(port, draft),
    action,
    step: draft.step,
    payload,
    deadlineMs,
    dispatch: { draftId, digest: draft.digest, by },
  };
  return perform(port, wanted);
}

/** What the boundary denies stays a draft, with the reason. */
async function keepHeld({ ledger }: GuardPort, draftId: string, error: unknown): Promise<never> {
  if (error instanceof ApplicationFailure && error.type === FAILURES.denied)
    await ledger.transaction((trx) => settleDraft(trx, draftId, 'held', error.message, ledger.now()));
  throw error;
}

/** The job the draft belongs to, ended or not; its step keeps the run it was made in. */
async function runOf(port: GuardPort, draft: DraftRow): Promise<Run> {
  const job = await port.ledger.run((db) => findJobById(db, draft.job_id));
  if (job === undefined) throw new Error(`draft \`${draft.draft_id}\` belongs to no job`);
  const stepPrefix = draft.step.slice(0, draft.step.indexOf('/'));
  return { runId: stepPrefix, job, stepPrefix, reset: false, resetAdmittedBy: null };
}
