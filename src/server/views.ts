import type { ApprovalRow } from '../ledger/approval.ts';
import type { DraftRow } from '../ledger/draft.ts';
import type { Job } from '../ledger/job.ts';
import type { Approval, Draft, JobSummary } from './api-types.ts';

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

export function jobView(job: Job, waits: number): JobSummary {
  const { jobId, workflowId, charter, agent, starter, admittedAt, endedAt } = job;
  const state = endedAt !== null ? 'ended' : waits > 0 ? 'waiting' : 'running';
  return { jobId, workflowId, charter, agent, state, waits, starter, admittedAt, endedAt };
}
