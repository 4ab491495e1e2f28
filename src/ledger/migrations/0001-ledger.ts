import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Tables of the ledger, the audit chain's append, and the one read that every decision makes under its locks. */
export const ledger: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw(TABLES).execute(db);
    await sql.raw(APPEND_ONLY).execute(db);
    await sql.raw(APPEND_AUDIT).execute(db);
    await sql.raw(OPEN_STEP).execute(db);
  },
};

const TABLES = `
create table remit.charter_revision (
  charter text not null, revision text not null, charter_text text not null, house_text text not null,
  put_at bigint not null, put_by text not null, primary key (charter, revision));
create table remit.charter_in_force (charter text primary key, revision text not null, since bigint not null);

create table remit.job (
  job_id text primary key, workflow_id text not null, first_run_id text, workflow_type text not null,
  charter text not null, agent text not null, brain text, case_input jsonb not null, case_digest text not null,
  starter text not null, assurance text not null, door text not null, admitted_at bigint not null, ended_at bigint,
  past_labels text[] not null default '{}', past_counts jsonb not null default '{}',
  unique (workflow_id, first_run_id));
create unique index job_waiting_for_its_run on remit.job (workflow_id) where first_run_id is null;
create table remit.run (
  run_id text primary key, job_id text not null references remit.job, step_prefix text not null,
  reset boolean not null, reset_admitted_by text, signal_cursor bigint not null default 0);
create index run_of_job on remit.run (job_id);
create table remit.past_record (
  job_id text not null references remit.job, record text not null, record_id text not null, labels text[] not null,
  primary key (job_id, record, record_id));
create table remit.thought (
  job_id text not null references remit.job, turn int not null, answer jsonb not null, at bigint not null,
  primary key (job_id, turn));

create table remit.body (
  body_id text primary key, job_id text, salt text not null, content text, made_at bigint not null, erased_at bigint);
create index body_of_job on remit.body (job_id);
create table remit.chain (chain_id text primary key, head_seq bigint not null default 0, head_hash bytea not null);
create table remit.audit_entry (
  chain_id text not null references remit.chain, seq bigint not null, kind text not null, at bigint not null,
  entry text not null, hash bytea not null, primary key (chain_id, seq));

create table remit.step (
  job_id text not null references remit.job, step text not null, action text not null, digest text not null,
  state text not null, attempt int not null, effect_key text not null, approval_id text, payload_id text not null,
  result_id text, says text, reservations jsonb not null, deadline_at bigint not null, intended_at bigint not null,
  settled_at bigint, primary key (job_id, step));
create index step_unsettled on remit.step (deadline_at) where state = 'intended';
create index step_in_doubt on remit.step (job_id) where state = 'in-doubt';

create table remit.approval_request (
  request_id text primary key, job_id text not null references remit.job, workflow_id text not null, step text not null,
  action text not null, verb text not null, record text not null, digest text not null, sources_digest text not null, sentence text not null,
  reason text not null, gates jsonb not null, risk_classes text[] not null, assurance text not null, revision text not null,
  payload_id text not null, sources jsonb not null, state text not null, asked_at bigint not null,
  expires_at bigint not null, at_expiry text not null, decided_at bigint, decided_by text, note text, seen_at bigint);
create unique index approval_request_live on remit.approval_request (job_id, step, digest) where state <> 'withdrawn';
create index approval_request_open on remit.approval_request (expires_at) where state = 'open';
create table remit.verdict (
  verdict_id text primary key, request_id text not null references remit.approval_request, verdict text not null,
  reviewer text not null, assurance text not null, door text not null, note text, counted boolean not null, at bigint not null);
create table remit.control_signal (
  run_id text not null, event_id bigint not null, job_id text not null references remit.job, name text not null,
  says text not null, recorded_at bigint not null, primary key (run_id, event_id));
create table remit.draft (
  draft_id text primary key, job_id text not null references remit.job, step text not null, action text not null,
  digest text not null, payload_id text not null, sentence text not null, reason text not null, state text not null,
  held_at bigint not null, sent_by text, sent_assurance text, settled_at bigint, says text, unique (job_id, step, digest));

create table remit.revocation (
  revocation_id text primary key, kind text not null, scope_kind text not null, scope_value text, level text,
  reads_too boolean not null, reason text not null, author text not null, assurance text not null, door text not null,
  at bigint not null, signalled_at bigint, restored_at bigint, restored_by text);
create index revocation_live on remit.revocation (scope_kind) where restored_at is null;
create table remit.limit_use (
  charter text not null, limit_id text not null, bucket text not null, used bigint not null default 0,
  primary key (charter, limit_id, bucket));
create table remit.sweep (sweep_row boolean primary key check (sweep_row), swept_at bigint not null);
create table remit.outbox (
  ring_id bigint generated always as identity primary key, workflow_id text not null, request_id text,
  made_at bigint not null, next_at bigint not null, tries int not null default 0, done_at bigint);
create index outbox_due on remit.outbox (next_at) where done_at is null;
`;

const APPEND_ONLY = `
create function remit.refuse_change() returns trigger language plpgsql as $$
begin raise exception 'the audit chain is append-only'; end $$;
create trigger audit_entry_append_only before update or delete or truncate on remit.audit_entry
  for each statement execute function remit.refuse_change();
`;

/** The link formula is the one of `src/audit/chain.ts`, computed under the chain's row lock. */
const APPEND_AUDIT = `
create function remit.append_audit(p_chain text, p_kinds text[], p_entries text[], p_at bigint) returns bigint
language plpgsql as $$
declare v_seq bigint; v_hash bytea;
begin
  select head_seq, head_hash into v_seq, v_hash from remit.chain where chain_id = p_chain for update;
  if not found then
    insert into remit.chain (chain_id, head_hash) values (p_chain, decode(repeat('00', 32), 'hex')) on conflict do nothing;
    select head_seq, head_hash into v_seq, v_hash from remit.chain where chain_id = p_chain for update;
  end if;
  for i in 1 .. cardinality(p_entries) loop
    v_seq := v_seq + 1;
    v_hash := sha256(v_hash || int8send(v_seq) || sha256(convert_to(p_entries[i], 'UTF8')));
    insert into remit.audit_entry (chain_id, seq, kind, at, entry, hash)
      values (p_chain, v_seq, p_kinds[i], p_at, p_entries[i], v_hash);
  end loop;
  update remit.chain set head_seq = v_seq, head_hash = v_hash where chain_id = p_chain;
  return v_seq;
end $$;
`;

/**
 * INVARIANT: locks first, reads after. The shared side of the revocation lock, then the job, then the counters in the
 * order given; each statement of a volatile function sees what was committed when it began (READ COMMITTED).
 */
const OPEN_STEP = `
create function remit.open_step(p_job text, p_step text, p_digest text, p_charter text, p_limits text[], p_buckets text[], p_records boolean)
returns jsonb language plpgsql as $$
declare v jsonb; v_job remit.job;
begin
  perform pg_advisory_xact_lock_shared(7236001);
  select * into v_job from remit.job where job_id = p_job for update;
  for i in 1 .. coalesce(cardinality(p_limits), 0) loop
    insert into remit.limit_use (charter, limit_id, bucket) values (p_charter, p_limits[i], p_buckets[i]) on conflict do nothing;
    perform 1 from remit.limit_use where charter = p_charter and limit_id = p_limits[i] and bucket = p_buckets[i] for update;
  end loop;
  select jsonb_build_object(
    'labels', v_job.past_labels, 'counts', v_job.past_counts, 'endedAt', v_job.ended_at,
    'records', case when p_records then
      (select coalesce(jsonb_agg(record || ':' || record_id), '[]') from remit.past_record where job_id = p_job) else '[]' end,
    'revision', (select revision from remit.charter_in_force where charter = p_charter),
    'resetOpen', (select coalesce(bool_or(reset and reset_admitted_by is null), false) from remit.run where job_id = p_job),
    'limits', (select coalesce(jsonb_object_agg(limit_id, used), '{}') from remit.limit_use
       where charter = p_charter and (limit_id, bucket) in (select * from unnest(p_limits, p_buckets))),
    'revocations', (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from remit.revocation r where restored_at is null
       and (scope_kind <> 'job' or scope_value = p_job) and (scope_kind <> 'agent' or scope_value = v_job.agent)
       and (scope_kind <> 'charter' or scope_value = v_job.charter)),
    'step', (select to_jsonb(s) from remit.step s where job_id = p_job and step = p_step),
    'conflict', (select to_jsonb(s) from remit.step s where job_id = p_job and step = p_step || '~' || left(p_digest, 12)),
    'request', (select to_jsonb(a) from remit.approval_request a where job_id = p_job and digest = p_digest
       and step = p_step and state <> 'withdrawn'),
    'draft', (select to_jsonb(d) from remit.draft d where job_id = p_job and digest = p_digest and step = p_step)
  ) into v;
  return v;
end $$;
`;
