import { z } from 'zod';
import { decide } from '../ledger/verdict.ts';
import { assuranceSuffices } from '../policy/statement.ts';
import { recordSignal, signalCursor } from '../ledger/control-signal.ts';
import type { Run } from '../ledger/job.ts';
import { narrowingsOfJob, restore, revoke } from '../ledger/revocation.ts';
import { storable } from '../ledger/storable.ts';
import { sha256 } from '../audit/canonical.ts';
import type { By } from '../audit/entry.ts';
import { LevelSchema } from '../policy/vocabulary.ts';
import { CONTROL_SIGNALS } from '../workflows/messages.ts';
import type { ControlSignal, SignalsRecorded } from '../workflows/messages.ts';
import { boundaryView } from './boundary-view.ts';
import type { GuardPort } from './guard-port.ts';
import type { SignalEvent } from './history.ts';

const Note = z.string().max(4_000);
const VerdictSignalSchema = z.strictObject({
  requestId: z.string().max(100),
  note: Note.optional(),
  proof: Note.optional(),
});
const RevokeSignalSchema = z.strictObject({
  kind: z.enum(['disable', 'pause-outbound', 'cap', 'require-review']).default('cap'),
  /** The widest level caps nothing. */
  level: LevelSchema.exclude(['high-impact']).optional(),
  reason: Note.optional(),
});
const RestoreSignalSchema = z.strictObject({ revocationId: z.string().max(100).optional() });

/**
 * Records the control Signals of a run as Temporal's own history has them.
 *
 * INVARIANT: nothing is taken from the Workflow that asks for this; it could not approve itself by asking.
 */
export async function recordSignals(port: GuardPort, run: Run): Promise<SignalsRecorded> {
  const { workflowId } = run.job;
  const after = await signalCursor(port.ledger, run.runId);
  const signals = await port.history.signals(workflowId, run.runId, CONTROL_SIGNALS, after);
  const decidedRequestIds: string[] = [];
  // INVARIANT: no text a Signal carries keeps it, or any Signal after it, from being recorded.
  for (const signal of signals.map(storable)) {
    const by = senderOf(signal);
    const { says, requestId } = await act(port, run, signal, by);
    if (requestId !== undefined) decidedRequestIds.push(requestId);
    await recordSignal(
      port.ledger,
      run.job.jobId,
      { runId: run.runId, eventId: signal.eventId, name: signal.name },
      says,
      by,
    );
    port.log.info({ job: workflowId, signal: signal.name, by: by.name, says }, 'signal');
  }
  const { policy } = port.policies.lastKnown(run.job.charter);
  return { boundary: await boundaryView(port.ledger, policy, run.job), decidedRequestIds };
}

/** `identity` is free text set by the caller; only a principal stamped by the server is more than that. */
function senderOf({ identity, principal }: SignalEvent): By {
  return principal === undefined
    ? { name: identity === '' ? 'unknown' : identity, assurance: 'unverified', door: 'signal' }
    : { name: principal, assurance: 'principal', door: 'signal' };
}

interface Acted {
  readonly says: string;
  readonly requestId?: string;
}

async function act(port: GuardPort, run: Run, signal: SignalEvent, by: By): Promise<Acted> {
  const acts: Readonly<Record<ControlSignal, () => Promise<Acted>>> = {
    approve: () => verdict(port, run, signal, by, 'approved'),
    refuse: () => verdict(port, run, signal, by, 'refused'),
    revoke: () => narrow(port, run, signal, by),
    restore: () => widen(port, run, signal, by),
  };
  return signal.readable ? acts[signal.name as ControlSignal]() : ignored('its payload cannot be read');
}

async function verdict(
  port: GuardPort,
  run: Run,
  { arg }: SignalEvent,
  by: By,
  word: 'approved' | 'refused',
): Promise<Acted> {
  const read = VerdictSignalSchema.safeParse(arg);
  if (!read.success) return ignored(`must be {requestId, note?}: ${z.prettifyError(read.error)}`);
  const { requestId, note } = read.data;
  const recorded = await decide(port.ledger, { requestId, verdict: word, by, note, jobId: run.job.jobId });
  return recorded.counted ? { says: `${requestId} is ${word}`, requestId } : ignored(recorded.why);
}

async function narrow(port: GuardPort, run: Run, signal: SignalEvent, by: By): Promise<Acted> {
  const read = RevokeSignalSchema.safeParse(signal.arg === undefined ? {} : signal.arg);
  if (!read.success) return ignored(`must be empty or {kind?, level?, reason?}: ${z.prettifyError(read.error)}`);
  const { kind, level, reason } = read.data;
  const receipt = await revoke(port.ledger, {
    revocationId: `rev-${sha256(run.runId, '\0', String(signal.eventId)).toString('hex').slice(0, 12)}`,
    kind,
    ...(kind === 'cap' ? { level: level ?? 'draft-only' } : {}),
    scope: { kind: 'job', value: run.job.jobId },
    readsToo: false,
    reason: reason ?? 'by Signal',
    by,
    signalledAt: signal.at,
  });
  return { says: `${receipt.revocationId}: ${kind}${kind === 'cap' ? ` at ${level ?? 'draft-only'}` : ''}` };
}

async function widen(port: GuardPort, run: Run, { arg, at }: SignalEvent, by: By): Promise<Acted> {
  const read = RestoreSignalSchema.safeParse(arg === undefined ? {} : arg);
  if (!read.success) return ignored(`must be empty or {revocationId?}: ${z.prettifyError(read.error)}`);
  const { policy } = await port.policies.current(run.job.charter);
  const needs = policy.house.assurance.restore;
  if (!assuranceSuffices(by.assurance, needs))
    return ignored(`the sender is ${by.assurance}; restoring needs ${needs}`);
  if (by.name === run.job.agent) return ignored('an agent cannot restore itself');
  const own = await port.ledger.run((db) => narrowingsOfJob(db, run.job.jobId));
  const named = own.filter(
    // A Signal read twice, or late, ends nothing that came after it.
    ({ revocationId, since }) => since <= at && [undefined, revocationId].includes(read.data.revocationId),
  );
  if (named.length === 0) return ignored('nothing of that name is revoked on this job');
  const meant = named.filter(({ assurance }) => assuranceSuffices(by.assurance, assurance));
  if (meant.length === 0) return ignored(`whoever revoked it is better known than the sender, who is ${by.assurance}`);
  for (const { revocationId } of meant) await restore(port.ledger, revocationId, by);
  return { says: `restored ${meant.map(({ revocationId }) => revocationId).join(', ')}` };
}

function ignored(why: string): Acted {
  return { says: `ignored: ${why}` };
}
