import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { Json, Level } from '../policy/vocabulary.ts';

/** What starts a job: `client.workflow.start('agentJob', { args: [{ charter, case }], … })`. */
export interface JobInput {
  readonly charter: string;
  readonly case: Readonly<Record<string, Json>>;
  /** Which brain works the case; `playbook` unless said. A brain has no authority. */
  readonly brain?: string;
}

/** One thing the brain wants done. */
export interface Call {
  readonly action: string;
  readonly input: Json;
}

/** What became of a call, as the agent is told. */
export type CallResult =
  | { readonly outcome: 'done'; readonly result: Json }
  | { readonly outcome: 'denied' | 'refused' | 'held' | 'failed'; readonly code: string; readonly reason: string };

/** One turn: what the brain said and asked for, and what came of it. */
export interface Turn {
  readonly say?: string;
  readonly calls: readonly Call[];
  readonly results: readonly CallResult[];
}

/** What a job returns. */
export interface JobReport {
  readonly summary: string;
  readonly turns: number;
  readonly calls: readonly { readonly action: string; readonly outcome: CallResult['outcome'] }[];
}

/** Signal `approve`: lets one waiting action happen, once. */
export interface Approve {
  readonly requestId: string;
  readonly note?: string;
  /** A signed verdict, for classes that need one. */
  readonly proof?: string;
}

/** Signal `refuse`: the action does not happen; the agent is told the note and goes on. */
export interface Refuse {
  readonly requestId: string;
  readonly note?: string;
}

/** Signal `revoke`: narrows this job at once. Empty, it caps the job at draft-only. */
export interface Revoke {
  readonly kind?: 'disable' | 'pause-outbound' | 'cap' | 'require-review';
  readonly level?: Level;
  readonly reason?: string;
}

/**
 * Signal `restore`: ends what was revoked on this job, before it, by somebody no better known than its sender (`unverified`, or
 * `principal` where the server stamps one); one revocation when named, else all of those.
 */
export interface Restore {
  readonly revocationId?: string;
}

/** A request a person has to decide, as people see it. */
export interface PendingApproval {
  readonly requestId: string;
  readonly sentence: string;
  readonly reason: string;
  readonly action: string;
  /** ISO 8601 UTC, for people. */
  readonly since: string;
}

/** What this job may do, as its Workflow was last told; the ledger decides, `remit explain` answers live. */
export interface BoundaryView {
  readonly agent: string;
  readonly charter: string;
  /** `open`: nothing is revoked; `narrowed`; `disabled`: nothing may be done. */
  readonly mode: 'open' | 'narrowed' | 'disabled';
  readonly level: Level;
  readonly paragraph: string;
  readonly revocations: readonly { readonly revocationId: string; readonly says: string }[];
  /** Epoch milliseconds. */
  readonly asOf: number;
}

export const CONTROL_SIGNALS = ['approve', 'refuse', 'revoke', 'restore'] as const;
export type ControlSignal = (typeof CONTROL_SIGNALS)[number];

export const approveSignal = defineSignal<[Approve]>('approve');
export const refuseSignal = defineSignal<[Refuse]>('refuse');
export const revokeSignal = defineSignal<[Revoke?]>('revoke');
export const restoreSignal = defineSignal<[Restore?]>('restore');
/** A wake-up. It carries nothing that is believed. */
export const ringSignal = defineSignal<[string?]>('ring');
export const boundaryQuery = defineQuery<BoundaryView | string>('boundary');
export const pendingApprovalsQuery = defineQuery<readonly PendingApproval[]>('pendingApprovals');

/** Names of the failures the guard answers with; all non-retryable and benign. */
export const FAILURES = {
  approvalRequired: 'ApprovalRequired',
  heldAsDraft: 'HeldAsDraft',
  denied: 'Denied',
  refused: 'Refused',
  ledgerUnavailable: 'LedgerUnavailable',
} as const;

/** The header by which the guard knows that the gate is there to wait. */
export const GATE_HEADER = 'remit-gate';

/** The one detail of an `ApprovalRequired` failure. */
export interface ApprovalRequiredDetail extends PendingApproval {
  readonly boundary: Pick<BoundaryView, 'agent' | 'charter' | 'mode' | 'level'>;
}

/** The one detail of every other failure of ours. */
export interface RefusalDetail {
  readonly code: string;
  readonly reason: string;
  readonly draftId?: string;
}

/** The Activities the gate and `agentJob` call that are not actions. */
export interface ControlActivities {
  /** Records this run's control Signals, as Temporal's history has them, and answers with the boundary as it stands. */
  recordSignals(): Promise<SignalsRecorded>;
  /** Asks the brain for its next step; the same (job, turn) always gets the same answer. */
  think(question: ThinkQuestion): Promise<ThinkAnswer>;
}

export interface SignalsRecorded {
  readonly boundary: BoundaryView;
  /** Requests of this job that are no longer open; a hint whom to wake. */
  readonly decidedRequestIds: readonly string[];
}

export interface ThinkQuestion {
  readonly turn: number;
  readonly transcript: readonly Turn[];
}

export interface ThinkAnswer {
  readonly step:
    | { readonly done: false; readonly say?: string; readonly calls: readonly (Call & { readonly summary: string })[] }
    | { readonly done: true; readonly say: string };
  readonly boundary: BoundaryView;
}
