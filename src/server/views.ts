import type { ApprovalRow } from '../ledger/approval.ts';
import type { DraftRow } from '../ledger/draft.ts';
import type { Job } from '../ledger/job.ts';
import type { Approval, Draft, JobSummary } from './api-types.ts';
import type { Standing } from './standing.ts';

/** Ledger rows as the API tells them. */
export function approvalView(row: ApprovalRow): Approval {
  return {
    requestId: row.request_id,
    jobId: row.job_id,
    workflowId: row.workflow_id,
    action: row.action,
    sentence: row.sentence,
    reason: row.reason,
    riskClasses: row.risk_classes,
    assurance: row.assurance,
    state: row.state,
    askedAt: row.asked_at,
    expiresAt: row.expires_at,
    atExpiry: row.at_expiry,
    decidedBy: row.decided_by,
    note: row.note,
  };
}

export function draftView(row: DraftRow): Draft {
  return {
    draftId: row.draft_id,
    jobId: row.job_id,
    action: row.action,
    sentence: row.sentence,
    reason: row.reason,
    state: row.state,
    heldAt: row.held_at,
    sentBy: row.sent_by,
    says: row.says,
  };
}

const CLOSED: Readonly<Record<string, JobSummary['state']>> = {
  COMPLETED: 'done',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed-out',
};

/** How it ended is Temporal's to say; where it no longer can, the ledger says that it ended. */
export function jobView(job: Job, waits: number, { temporal, failure }: Standing): JobSummary {
  const { jobId, workflowId, charter, agent, starter, admittedAt, endedAt } = job;
  const state = CLOSED[temporal] ?? (endedAt !== null ? 'ended' : waits > 0 ? 'waiting' : 'running');
  return { jobId, workflowId, charter, agent, state, failure, waits, starter, admittedAt, endedAt };
}

export function isOver({ state }: JobSummary): boolean {
  return state !== 'running' && state !== 'waiting';
}
