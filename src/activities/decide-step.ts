import type { AuditEntry, By } from '../audit/entry.ts';
import { ask, audit, seen, spend, withdraw } from '../ledger/approval.ts';
import type { ApprovalRow } from '../ledger/approval.ts';
import { AuditNotes } from '../ledger/audit-log.ts';
import { holdDraft } from '../ledger/draft.ts';
import { bucketOf, reserve } from '../ledger/limit.ts';
import type { Ledger, LedgerTransaction } from '../ledger/ledger.ts';
import { recordsRead } from '../ledger/past.ts';
import { effectKeyOf, intending, openStep } from '../ledger/step.ts';
import type { Intent, OpenedStep, StepRow } from '../ledger/step.ts';
import { AssuranceSchema, assuranceSuffices } from '../policy/statement.ts';
import { authorize } from '../policy/authorize.ts';
import type { Decision } from '../policy/decision.ts';
import { draftable } from './action.ts';
import type { GuardedCall } from './guarded-call.ts';
import { assuranceNeeded, codeOf, factsDigest, isConflict, liveOf, requestOf } from './question.ts';
import type { Ruling } from './ruling.ts';

/**
 * The one decision: locks, reads, `authorize`, and whatever it allows written before anything is done.
 *
 * INVARIANT: an effect's intent, its reserved limits and its spent approval commit together, or nothing does.
 */
export async function decideStep(ledger: Ledger, call: GuardedCall): Promise<Ruling> {
  return ledger.transaction(async (trx) => {
    const at = ledger.now();
    const { job } = call.run;
    const limits = call.policy
      .limitsFor(call.action.verb, call.action.record)
      .map(({ id, per }) => ({ limitId: id, bucket: bucketOf(per, job.jobId, at) }))
      .toSorted((a, b) => (a.limitId < b.limitId ? -1 : 1));
    const { step, digest } = call;
    const records = call.policy.usesRecords(call.action.verb, call.action.record);
    const opened = await openStep(trx, {
      jobId: job.jobId,
      step,
      digest,
      charter: job.charter,
      limits,
      records,
    });
    if (opened.revision !== call.policy.revision) return { go: 'stale-policy', revision: opened.revision };
    return new Deciding(trx, call, opened, at).rule();
  });
}

/** One decision under its locks. */
class Deciding {
  readonly #trx: LedgerTransaction;
  readonly #call: GuardedCall;
  readonly #opened: OpenedStep;
  readonly #at: number;
  readonly #notes: AuditNotes;
  /** Another payload already acted at this step: this one gets a place of its own, and a person looks at it. */
  readonly #conflict: boolean;

  constructor(trx: LedgerTransaction, call: GuardedCall, opened: OpenedStep, at: number) {
    this.#trx = trx;
    this.#call = call;
    this.#opened = opened;
    this.#at = at;
    this.#notes = new AuditNotes(call.run.job.jobId, at);
    this.#conflict = isConflict(call, opened);
  }

  async rule(): Promise<Ruling> {
    const row = this.#conflict ? this.#opened.conflict : this.#opened.step;
    const earlier = row === null ? undefined : this.#earlier(row);
    if (earlier !== undefined) return earlier;
    if (this.#opened.jobEnded && this.#call.dispatch === undefined && !this.#call.run.reset)
      return this.#refuse('JOB_CLOSED', 'the job has ended; its id lends nobody its permissions', undefined);
    const decision = authorize(
      requestOf(this.#call, this.#opened, this.#at),
      this.#call.policy,
      liveOf(this.#call, this.#opened),
    );
    return this.#rulingOn(decision, row);
  }

  /** What an earlier attempt at this very step and payload came to. */
  #earlier(row: StepRow): Ruling | undefined {
    if (row.state === 'done') return { go: 'recorded', row };
    if (row.state === 'in-doubt') return { go: 'in-doubt', row };
    return row.state === 'intended' ? { go: 'unsettled', row } : undefined;
  }

  async #rulingOn(decision: Decision, row: StepRow | null): Promise<Ruling> {
    if (decision.outcome === 'deny') return this.#refuse(codeOf(decision), decision.sentence(), decision);
    if (decision.outcome === 'hold') return this.#hold(decision);
    const { request } = this.#opened;
    if (request !== null && this.#call.dispatch === undefined) return this.#underRequest(decision, request, row);
    if (decision.outcome !== 'gate' || this.#passedByPerson(decision)) return this.#proceed(decision, row, null);
    if (this.#call.dispatch === undefined) return this.#ask(decision);
    return this.#refuse(
      'ASSURANCE_TOO_LOW',
      'whoever asked for this to be sent is not known well enough to pass its gates',
      decision,
    );
  }

  async #underRequest(decision: Decision, request: ApprovalRow, row: StepRow | null): Promise<Ruling> {
    if (request.state === 'refused' || request.state === 'expired') {
      await seen(this.#trx, request, this.#at);
      const reason = request.state === 'expired' ? 'nobody decided in time' : (request.note ?? 'a person refused it');
      return { go: 'refused', code: request.state === 'expired' ? 'EXPIRED' : 'REFUSED', reason };
    }
    if (request.state === 'kept') {
      await seen(this.#trx, request, this.#at);
      return {
        go: 'held',
        draftId: this.#opened.draft?.draft_id ?? '',
        reason: request.note ?? 'a person kept it as a draft',
      };
    }
    const stale = request.state === 'approved' && request.expires_at <= this.#at; // given, and never used in time
    if (decision.outcome === 'gate' && (stale || !this.#covers(decision, request))) {
      await withdraw(this.#trx, request, this.#at, 'asked-again');
      return this.#ask(decision);
    }
    if (request.state === 'open') {
      if (decision.outcome === 'gate') return { go: 'ask', request, opened: this.#opened };
      await withdraw(this.#trx, request, this.#at); // what stopped it is gone: nobody needs to decide
      return this.#proceed(decision, row, null);
    }
    // A read leaves no row that an attempt after a crash could find: repeating it uses nothing up twice.
    const isRepeat = request.state === 'spent' && this.#call.action.verb === 'read';
    return this.#proceed(decision, row, isRepeat ? null : request);
  }

  /** An approval passes the gates it showed, over the facts it showed, and nothing more. */
  #covers(decision: Decision, request: ApprovalRow): boolean {
    const shown = new Set(request.gates);
    const needs = assuranceNeeded(decision.gates, this.#call.policy);
    if (!assuranceSuffices(AssuranceSchema.parse(request.assurance), needs)) return false;
    return decision.gates.every(({ id }) => shown.has(id)) && request.sources_digest === factsDigest(this.#call.facts);
  }

  async #ask(decision: Decision): Promise<Ruling> {
    const { run, policy } = this.#call;
    const payloadId = this.#noteCall(decision, 'GATED');
    await this.#notes.write(this.#trx);
    const hours = policy.charter.approvals.expireAfterHours;
    const request = await ask(
      this.#trx,
      run.job,
      {
        step: this.#call.step,
        action: this.#call.action.name,
        verb: this.#call.action.verb,
        record: this.#call.action.record,
        digest: this.#call.digest,
        sources_digest: factsDigest(this.#call.facts),
        sentence: this.#call.sentence,
        reason: decision.gates.map(({ reason }) => reason).join('; '),
        gates: decision.gates.map(({ id }) => id),
        risk_classes: decision.gates.flatMap(({ riskClass }) => riskClass ?? []),
        assurance: assuranceNeeded(decision.gates, policy),
        revision: policy.revision,
        payload_id: payloadId,
        sources: (await recordsRead(this.#trx, run.job.jobId)).map((each) => ({ ...each })),
        expires_at: this.#at + hours * 3_600_000,
        at_expiry: draftable(this.#call.action) ? policy.charter.approvals.atExpiry : 'refuse',
      },
      this.#at,
    );
    await audit(this.#trx, request, 'asked', this.#at);
    return { go: 'ask', request, opened: this.#opened };
  }

  async #hold(decision: Decision): Promise<Ruling> {
    const reason = decision.sentence();
    const { draft } = this.#opened;
    await this.#withdrawIfLive();
    if (draft !== null) return { go: 'held', draftId: draft.draft_id, reason: draft.reason };
    const payloadId = this.#noteCall(decision, 'HELD');
    const { step, digest, action, sentence, run } = this.#call;
    this.#notes.add({
      kind: 'downstream-result',
      at: this.#at,
      step,
      action: action.name,
      outcome: 'held',
      says: 'kept as a draft; nothing was done',
    });
    await this.#notes.write(this.#trx);
    const held = await holdDraft(
      this.#trx,
      run.job.jobId,
      { step, action: action.name, digest, payload_id: payloadId, sentence, reason },
      this.#at,
    );
    return { go: 'held', draftId: held.draft_id, reason };
  }

  /** What was asked for will not happen now: nobody needs to decide it, and no approval of it stays. */
  async #withdrawIfLive(): Promise<void> {
    const { request } = this.#opened;
    if (request?.state === 'open' || request?.state === 'approved') await withdraw(this.#trx, request, this.#at);
  }

  async #refuse(code: string, reason: string, decision: Decision | undefined): Promise<Ruling> {
    await this.#withdrawIfLive();
    this.#noteCall(decision, code, reason);
    await this.#notes.write(this.#trx);
    return { go: 'denied', code, reason };
  }

  async #proceed(decision: Decision, row: StepRow | null, request: ApprovalRow | null): Promise<Ruling> {
    const payloadId = this.#noteCall(decision, 'PERMITTED');
    if (this.#call.action.verb === 'read') {
      const { job } = this.#call.run;
      await reserve(this.#trx, job.charter, job.jobId, this.#at, decision.reservations);
      await this.#notes.write(this.#trx);
      if (request !== null) await spend(this.#trx, request, this.#at);
      return { go: 'read', decision };
    }
    const intent = await this.#intend(decision, row, request, payloadId);
    return { go: 'effect', decision, intent };
  }

  async #intend(
    decision: Decision,
    row: StepRow | null,
    request: ApprovalRow | null,
    payloadId: string,
  ): Promise<Intent> {
    const { run, step, action, digest, dispatch, deadlineAt } = this.#call;
    const place = this.#conflict ? `${step}~${digest.slice(0, 12)}` : step;
    const intent: Intent = {
      jobId: run.job.jobId,
      step: place,
      action: action.name,
      digest,
      attempt: (row?.attempt ?? 0) + 1,
      effectKey: effectKeyOf(run.job.jobId, place),
      approvalId: request?.request_id ?? null,
      payloadId,
      reserved: await reserve(this.#trx, run.job.charter, run.job.jobId, this.#at, decision.reservations),
      deadlineAt,
      count: `${action.verb} ${action.record}`,
    };
    if (request !== null) await spend(this.#trx, request, this.#at);
    this.#notes.add(finalAction(intent, this.#at, dispatch?.by));
    await this.#notes.write(this.#trx, intending(intent, this.#at));
    return intent;
  }

  /** The tool call and the decision on it, with payload and request apart. @returns the payload's body id */
  #noteCall(decision: Decision | undefined, code: string, reason?: string): string {
    const { step, action, digest, payload, sentence } = this.#call;
    const at = this.#at;
    const call = this.#notes.body(payload);
    const request = requestOf(this.#call, this.#opened, at);
    const said = reason ?? decision?.sentence() ?? '';
    const basis = {
      sentence,
      reason: said,
      attributes: request.attributes,
      facts: request.facts,
      past: { ...request.past, records: request.past.records.length },
      level: liveOf(this.#call, this.#opened).level,
    };
    this.#notes.add(
      {
        kind: 'tool-call',
        at,
        step,
        action: action.name,
        attempt: 1 + (this.#opened.step?.attempt ?? 0),
        digest,
        body: call,
      },
      {
        kind: 'decision',
        at,
        step,
        action: action.name,
        outcome: decision?.outcome ?? 'deny',
        code,
        determining: decision?.determining.map(({ id }) => id) ?? [`guard:${code.toLowerCase()}`],
        revision: this.#call.policy.revision,
        body: this.#notes.body(basis),
      },
    );
    return call.bodyId;
  }

  /** A person's order to send passes the gates its assurance suffices for. */
  #passedByPerson(decision: Decision): boolean {
    const by = this.#call.dispatch?.by;
    if (by === undefined || by.name === this.#call.run.job.agent) return false;
    return assuranceSuffices(by.assurance, assuranceNeeded(decision.gates, this.#call.policy));
  }
}

function finalAction(intent: Intent, at: number, by: By | undefined): AuditEntry {
  const { step, action, attempt, digest, effectKey, deadlineAt, approvalId } = intent;
  const under = { ...(approvalId === null ? {} : { approvalId }), ...(by === undefined ? {} : { by }) };
  return { kind: 'final-action', at, step, action, attempt, digest, effectKey, deadlineAt, ...under };
}
