import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { Duration } from '@temporalio/common';
import { FAILURES } from '../workflows/messages.ts';
import type { ApprovalRequiredDetail, RefusalDetail } from '../workflows/messages.ts';

const BENIGN = { nonRetryable: true, category: ApplicationFailureCategory.BENIGN } as const;

/** A person first: the gate waits and schedules again. */
export function approvalRequired(detail: ApprovalRequiredDetail): ApplicationFailure {
  return ApplicationFailure.create({
    ...BENIGN,
    type: FAILURES.approvalRequired,
    message: `a person decides: ${detail.sentence}`,
    details: [detail],
  });
}

export function denied(detail: RefusalDetail): ApplicationFailure {
  return ApplicationFailure.create({
    ...BENIGN,
    type: FAILURES.denied,
    message: `${detail.code}: ${detail.reason}`,
    details: [detail],
  });
}

export function refused(detail: RefusalDetail): ApplicationFailure {
  return ApplicationFailure.create({
    ...BENIGN,
    type: FAILURES.refused,
    message: `${detail.code}: ${detail.reason}`,
    details: [detail],
  });
}

export function heldAsDraft(detail: RefusalDetail): ApplicationFailure {
  return ApplicationFailure.create({
    ...BENIGN,
    type: FAILURES.heldAsDraft,
    message: `kept as a draft: ${detail.reason}`,
    details: [detail],
  });
}

/** Nothing happened; the gate schedules again whatever the Activity's retry policy says. */
export function ledgerUnavailable(error: Error): ApplicationFailure {
  return ApplicationFailure.create({
    ...BENIGN,
    type: FAILURES.ledgerUnavailable,
    message: error.message,
    details: [{ code: 'LEDGER_UNAVAILABLE', reason: error.message }],
  });
}

/** Another attempt holds the lease, or may: look again when it is surely over. */
export function leased(retryInMs: Duration): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'Leased',
    message: 'an earlier attempt may still be under way',
    nonRetryable: false,
    nextRetryDelay: retryInMs,
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** The attempt did not work. `code` says whether it is sure that nothing happened. */
export function attemptFailed(code: 'NOT_DONE' | 'OUTCOME_LOST', error: Error, retryable: boolean): ApplicationFailure {
  return ApplicationFailure.create({
    type: code,
    message: error.message,
    nonRetryable: !retryable,
    cause: error,
    details: [{ code, reason: error.message }],
  });
}

/** This Worker has not got the job's charter; another one, or this one later, may. Nothing happens meanwhile. */
export function notHere(error: Error & { readonly code: string }): ApplicationFailure {
  return ApplicationFailure.create({ type: error.code, message: error.message, nonRetryable: false });
}
