import type { Generated, JSONColumnType } from 'kysely';
import type { Json } from '../policy/vocabulary.ts';

/** Every time is epoch milliseconds. Columns as Kysely sees them; migrations say the rest. */
export interface LedgerSchema {
  charter_revision: {
    charter: string;
    revision: string;
    charter_text: string;
    house_text: string;
    put_at: number;
    put_by: string;
  };
  charter_in_force: { charter: string; revision: string; since: number };
  job: {
    job_id: string;
    workflow_id: string;
    /** Null from admission until the first action has read the server's own start event. */
    first_run_id: string | null;
    workflow_type: string;
    charter: string;
    agent: string;
    brain: string | null;
    case_input: JSONColumnType<Record<string, Json>>;
    case_digest: string;
    starter: string;
    assurance: string;
    door: string;
    admitted_at: number;
    ended_at: number | null;
    past_labels: Generated<string[]>;
    past_counts: Generated<Record<string, number>>;
  };
  run: {
    run_id: string;
    job_id: string;
    step_prefix: string;
    reset: boolean;
    reset_admitted_by: string | null;
    signal_cursor: Generated<number>;
  };
  past_record: { job_id: string; record: string; record_id: string; labels: string[] };
  thought: { job_id: string; turn: number; answer: JSONColumnType<object>; at: number };
  body: {
    body_id: string;
    job_id: string | null;
    salt: string;
    content: string | null;
    made_at: number;
    erased_at: number | null;
  };
  chain: { chain_id: string; head_seq: Generated<number>; head_hash: Buffer };
  audit_entry: { chain_id: string; seq: number; kind: string; at: number; entry: string; hash: Buffer };
  step: {
    job_id: string;
    step: string;
    action: string;
    digest: string;
    state: StepState;
    attempt: number;
    effect_key: string;
    approval_id: string | null;
    payload_id: string;
    result_id: string | null;
    says: string | null;
    reservations: JSONColumnType<object>;
    deadline_at: number;
    intended_at: number;
    settled_at: number | null;
  };
  approval_request: {
    request_id: string;
    job_id: string;
    workflow_id: string;
    step: string;
    action: string;
    verb: string;
    record: string;
    digest: string;
    sources_digest: string;
    sentence: string;
    reason: string;
    gates: JSONColumnType<readonly string[]>;
    risk_classes: string[];
    assurance: string;
    revision: string;
    payload_id: string;
    sources: JSONColumnType<readonly object[]>;
    state: RequestState;
    asked_at: number;
    expires_at: number;
    at_expiry: string;
    decided_at: number | null;
    decided_by: string | null;
    note: string | null;
    seen_at: number | null;
  };
  verdict: {
    verdict_id: string;
    request_id: string;
    verdict: string;
    reviewer: string;
    assurance: string;
    door: string;
    note: string | null;
    counted: boolean;
    at: number;
  };
  control_signal: { run_id: string; event_id: number; job_id: string; name: string; says: string; recorded_at: number };
  draft: {
    draft_id: string;
    job_id: string;
    step: string;
    action: string;
    digest: string;
    payload_id: string;
    sentence: string;
    reason: string;
    state: DraftState;
    held_at: number;
    sent_by: string | null;
    sent_assurance: string | null;
    settled_at: number | null;
    says: string | null;
  };
  revocation: {
    revocation_id: string;
    kind: string;
    scope_kind: string;
    scope_value: string | null;
    level: string | null;
    reads_too: boolean;
    reason: string;
    author: string;
    assurance: string;
    door: string;
    at: number;
    signalled_at: number | null;
    restored_at: number | null;
    restored_by: string | null;
  };
  /** One row: when somebody last swept. */
  sweep: { sweep_row: boolean; swept_at: number };
  limit_use: { charter: string; limit_id: string; bucket: string; used: Generated<number> };
  outbox: {
    ring_id: Generated<number>;
    workflow_id: string;
    request_id: string | null;
    made_at: number;
    next_at: number;
    tries: Generated<number>;
    done_at: number | null;
  };
}

/** `intended` is a lease; `done`, `not-done` and `in-doubt` are what became of it. */
export type StepState = 'intended' | 'done' | 'not-done' | 'in-doubt';
export type RequestState = 'open' | 'approved' | 'refused' | 'kept' | 'expired' | 'spent' | 'withdrawn';
/** `held` until a person sends it; `sending` from their order to the effect's outcome. */
export type DraftState = 'held' | 'sending' | 'sent' | 'failed';
