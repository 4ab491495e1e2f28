/** One control switched off: a text that stands exactly once in a source, what replaces it, and the test that notices. */
export interface Mutant {
  readonly control: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly test: { readonly file: string; readonly name: string };
}

const guard = (name: string) => ({ file: 'test/controls/guard.test.ts', name });
const decision = (name: string) => ({ file: 'test/controls/decision.test.ts', name });
const approval = (name: string) => ({ file: 'test/controls/approval.test.ts', name });
const locks = (name: string) => ({ file: 'test/controls/locks.test.ts', name });
const sideDoor = (name: string) => ({ file: 'test/e2e/side-doors.test.ts', name });
const repeats = (name: string) => ({ file: 'test/controls/repeats.test.ts', name });
const record = (name: string) => ({ file: 'test/controls/record.test.ts', name });

const DECIDE = 'src/activities/decide-step.ts';
const QUESTION = 'src/activities/question.ts';
const VERDICT = 'src/ledger/verdict.ts';
const TABLES = 'src/ledger/migrations/0001-ledger.ts';

export const MUTANTS: readonly Mutant[] = [
  {
    control: 'guard removed from the Worker',
    file: 'src/plugin.ts',
    find: 'activity: [guard(port)]',
    replace: 'activity: []',
    test: guard('stands before every Activity of a Worker'),
  },
  {
    control: 'a denial is not followed',
    file: DECIDE,
    find: "if (decision.outcome === 'deny')",
    replace: 'if (false)',
    test: guard('lets nothing happen that policy denies'),
  },
  {
    control: 'live revocations not read',
    file: TABLES,
    find: 'from remit.revocation r where restored_at is null',
    replace: 'from remit.revocation r where false and restored_at is null',
    test: guard('reads the revocations that are live'),
  },
  {
    control: 'policy revision in force not read',
    file: DECIDE,
    find: 'if (opened.revision !== call.policy.revision)',
    replace: 'if (false)',
    test: guard('follows the charter in force'),
  },
  {
    control: 'revocation lock not taken exclusively',
    file: 'src/ledger/revocation.ts',
    find: `  const at = ledger.now();
  return ledger.transaction(async (trx) => {
    await sql\`select pg_advisory_xact_lock(\${REVOCATION_LOCK})\`.execute(trx);
    const revocationId`,
    replace: `  const at = ledger.now();
  return ledger.transaction(async (trx) => {
    await sql\`select pg_advisory_xact_lock_shared(\${REVOCATION_LOCK})\`.execute(trx);
    const revocationId`,
    test: locks('commits a revocation only once no decision is half done'),
  },
  {
    control: 'decisions do not take the shared side of the revocation lock',
    file: TABLES,
    find: '  perform pg_advisory_xact_lock_shared(7236001);\n',
    replace: '',
    test: locks('decides nothing while a revocation is half done, and then under it'),
  },
  {
    control: 'limits read before the lock',
    file: TABLES,
    find: 'and bucket = p_buckets[i] for update;',
    replace: 'and bucket = p_buckets[i];',
    test: locks('reads a limit only once nobody else is using it up'),
  },
  {
    control: 'job not locked by its decisions',
    file: TABLES,
    find: 'where job_id = p_job for update;',
    replace: 'where job_id = p_job;',
    test: locks('keeps other decisions of the same job waiting'),
  },
  {
    control: 'limits not reserved',
    file: 'src/ledger/limit.ts',
    find: 'for (const each of reserved) await change(trx, charter, each, each.amount);',
    replace: '',
    test: guard('counts what was done against the limits'),
  },
  {
    control: 'limits not given back',
    file: 'src/ledger/limit.ts',
    find: 'for (const each of inLockOrder) await change(trx, charter, each, -each.amount);',
    replace: 'void inLockOrder;',
    test: guard('gives back what a send that certainly did not happen had used up'),
  },
  {
    control: 'intent not written',
    file: DECIDE,
    find: 'await this.#notes.write(this.#trx, intending(intent, this.#at));',
    replace: 'await this.#notes.write(this.#trx);',
    test: decision('has its intent in the ledger before it arrives'),
  },
  {
    control: 'recorded outcome not looked at',
    file: DECIDE,
    find: "if (row.state === 'done')",
    replace: 'if (false)',
    test: guard('does a step once, however often it is asked'),
  },
  {
    control: 'step conflict not gated',
    file: QUESTION,
    find: '...(isConflict(call, opened) ? [CONFLICT] : [])',
    replace: '...[]',
    test: decision('where something else was done already waits for a person'),
  },
  {
    control: 'reset run not gated',
    file: QUESTION,
    find: '...(opened.resetOpen ? [RESET] : [])',
    replace: '...[]',
    test: decision('of a reset run waits for an operator'),
  },
  {
    control: "closed job's id lent",
    file: DECIDE,
    find: 'if (this.#opened.jobEnded && this.#call.dispatch === undefined && !this.#call.run.reset)',
    replace: 'if (false)',
    test: decision('of a job that has ended is denied'),
  },
  {
    control: 'gate header not required',
    file: 'src/activities/guard.ts',
    find: 'if (headers[GATE_HEADER] === undefined)',
    replace: 'if (false)',
    test: guard('denies an action that comes without the gate'),
  },
  {
    control: 'effects let run as local Activities',
    file: 'src/activities/guard.ts',
    find: "if (isLocal && verb !== 'read')",
    replace: 'if (false)',
    test: sideDoor('behind a local Activity'),
  },
  {
    control: 'deadline not checked',
    file: 'src/activities/effect.ts',
    find: 'if (port.ledger.now() >= intent.deadlineAt)',
    replace: 'if (false)',
    test: decision('does not begin after the deadline of its lease'),
  },
  {
    control: 'lost outcome taken for not done',
    file: 'src/activities/effect.ts',
    find: "if (action.inDoubt === 'resend')",
    replace: 'if (true)',
    test: guard('is in doubt when the target cannot be asked'),
  },
  {
    control: 'lease of another attempt not respected',
    file: 'src/activities/effect.ts',
    find: 'if (wait > 0)',
    replace: 'if (false)',
    test: guard('is left alone until its lease is over'),
  },
  {
    control: 'unknown treated as false',
    file: 'src/policy/authorize.ts',
    find: "if (!truths.includes('unknown')) return undefined;",
    replace: 'return undefined;',
    test: { file: 'test/policy/authorize.test.ts', name: 'an unknown' },
  },
  {
    control: 'approval not spent',
    file: 'src/ledger/approval.ts',
    find: "await move(trx, request, 'approved', 'spent', at);",
    replace: '',
    test: approval('is spent by its effect'),
  },
  {
    control: 'digest of an approved payload not compared',
    file: TABLES,
    find: 'from remit.approval_request a where job_id = p_job and digest = p_digest',
    replace: 'from remit.approval_request a where job_id = p_job',
    test: approval('passes the payload it was given for and no other'),
  },
  {
    control: 'gates of an approval not compared',
    file: DECIDE,
    find: 'decision.gates.every(({ id }) => shown.has(id)) && ',
    replace: '',
    test: approval('passes the gates it showed and no other'),
  },
  {
    control: 'facts of an approval not compared',
    file: DECIDE,
    find: ' && request.sources_digest === factsDigest(this.#call.facts)',
    replace: '',
    test: approval('passes the facts it showed and no other'),
  },
  {
    control: 'ring lost',
    file: VERDICT,
    find: 'await ring(trx, request.workflow_id, request.request_id, at);',
    replace: '',
    test: approval('rings the job that waits, in the same transaction'),
  },
  {
    control: 'assurance not compared',
    file: VERDICT,
    find: "if (verdict === 'approved' && !assuranceSuffices(by.assurance, request.assurance as Assurance))",
    replace: 'if (false)',
    test: approval('counts only from somebody known as well as the house asks'),
  },
  {
    control: 'agent may approve itself',
    file: VERDICT,
    find: 'if (by.name === agent)',
    replace: 'if (false)',
    test: approval('own to give'),
  },
  {
    control: 'expired request still decided',
    file: VERDICT,
    find: 'if (request.expires_at <= at)',
    replace: 'if (false)',
    test: approval('does not count after the request has expired'),
  },
  {
    control: 'recordSignals believes an argument',
    file: 'src/activities/control.ts',
    find: 'recordSignals: () => recordSignals(port, callerRun()),',
    replace: `recordSignals: async (...told: { requestId?: string }[]) => {
      const { decide } = await import('../ledger/verdict.ts');
      const by = { name: 'somebody', assurance: 'signed', door: 'signal' } as const;
      for (const { requestId } of told) await decide(port.ledger, { requestId: requestId ?? '', verdict: 'approved', by });
      return recordSignals(port, callerRun());
    },`,
    test: approval('is not taken from a Workflow that brings it along as an argument'),
  },
  {
    control: 'fields not stripped',
    file: 'src/activities/read.ts',
    find: '.filter(([name]) => granted.includes(name))',
    replace: '',
    test: record('is stripped of fields that were not granted'),
  },
  {
    control: 'labels not recorded before the read returns',
    file: 'src/activities/read.ts',
    find: 'await remember(port, call, { records }, granted, decision);',
    replace:
      'setTimeout(() => void remember(port, call, { records }, granted, decision).catch(() => undefined), 2_000);',
    test: locks('returns what was read only once its labels are on record'),
  },
  {
    control: 'audit link not computed over the previous hash',
    file: TABLES,
    find: 'sha256(v_hash || int8send(v_seq)',
    replace: 'sha256(int8send(v_seq)',
    test: record('links each entry to the one before'),
  },
  {
    control: 'append-only trigger missing',
    file: TABLES,
    find: 'before update or delete or truncate on remit.audit_entry',
    replace: 'before truncate on remit.thought',
    test: record('refuses'),
  },
  {
    control: 'credential of another agent good enough',
    file: 'src/identity/credential.ts',
    find: 'subject: agent,',
    replace: '',
    test: record('is good for its own agent and until its lease ends'),
  },
  {
    control: 'credential not verified by the mail server',
    file: 'src/stack/smtp-sink.ts',
    find: "(welcome ? answer(null, { user }) : answer(new Error('invalid user or token')))",
    replace: '(void welcome, answer(null, { user }))',
    test: { file: 'test/stack/smtp-sink.test.ts', name: 'takes nothing without a login once it can check one' },
  },
  {
    control: 'starter let in however little known',
    file: 'src/ledger/job.ts',
    find: 'if (!sure)',
    replace: 'if (false)',
    test: sideDoor('does not admit a starter who is known less well than the house asks'),
  },
  {
    control: 'restored by somebody less known than whoever revoked',
    file: 'src/activities/record-signals.ts',
    find: 'named.filter(({ assurance }) => assuranceSuffices(by.assurance, assurance))',
    replace: 'named',
    test: { file: 'test/e2e/plain-client.test.ts', name: 'cannot restore what somebody better known has revoked' },
  },
  {
    control: 'production house takes unverified verdicts',
    file: 'src/policy/check.ts',
    find: "if (profile !== 'production') return;",
    replace: 'return;',
    test: { file: 'test/policy/compile.test.ts', name: 'of a production house' },
  },
  {
    control: 'a run that goes on from a reset not gated',
    file: 'src/activities/identify.ts',
    find: 'reset: own || before.reset,',
    replace: 'reset: own,',
    test: repeats('asks first in whatever goes on from a reset run'),
  },
  {
    control: 'a retry of a run given steps of its own',
    file: 'src/activities/identify.ts',
    find: 'start.isRetry && before.run !== undefined',
    replace: 'false && before.run !== undefined',
    test: repeats('does nothing again when Temporal retries the run'),
  },
  {
    control: 'an effect let through as a local Activity',
    file: 'src/activities/guard.ts',
    find: "if (isLocal && verb !== 'read')",
    replace: 'if (false)',
    test: repeats('denies an effect as a local Activity'),
  },
  {
    control: 'another step’s place taken by name',
    file: 'src/activities/guard.ts',
    find: 'if (/[~/]/.test(activityId)',
    replace: 'if (false',
    test: repeats('denies an Activity id that could name another step’s place'),
  },
  {
    control: 'a raised assurance not asked of open requests',
    file: 'src/activities/decide-step.ts',
    find: 'if (!assuranceSuffices(AssuranceSchema.parse(request.assurance), needs)) return false;',
    replace: '',
    test: repeats('asks again when the house has come to ask for somebody better known'),
  },
];
