import { AuditNotes, CONTROL_CHAIN } from '../ledger/audit-log.ts';
import { bindRun, findRun } from '../ledger/job.ts';
import type { NotBound, Run, RunIds } from '../ledger/job.ts';
import { admissionOf } from './admission.ts';
import type { NotAdmitted } from './admission.ts';
import type { GuardPort } from './guard-port.ts';
import type { StartEvent } from './history.ts';

/** Runs never change their job, so one look-up a run is enough. */
const known = new WeakMap<object, Map<string, Run>>();
const MOST_KNOWN = 10_000;

/**
 * Who is asking: the job of a run, by the ids the server gives. Headers, inputs and Activity results are not looked at.
 *
 * @returns the run, or why its Workflow is not admitted
 */
export async function identify(port: GuardPort, workflowId: string, runId: string): Promise<Run | NotAdmitted> {
  const runs = known.get(port.ledger) ?? new Map<string, Run>();
  known.set(port.ledger, runs);
  const held =
    runs.get(runId) ?? (await port.ledger.run((db) => findRun(db, runId))) ?? (await admitRun(port, workflowId, runId));
  if ('code' in held) return held;
  if (runs.size >= MOST_KNOWN) runs.clear();
  runs.set(runId, held);
  return held;
}

const NOT_BOUND: Readonly<Record<NotBound, NotAdmitted>> = {
  mismatch: {
    code: 'ADMISSION_MISMATCH',
    reason: 'the Workflow was started with another charter or case than it was admitted for',
  },
  'too-unsure': {
    code: 'STARTER_UNKNOWN',
    reason: 'whoever started this Workflow is not known as well as the house asks; start it by CLI or HTTP',
  },
};

/**
 * Where a run comes from. A reset is told by its own start event only; whatever continues from one is one too, until an
 * operator admits it. `agentJob` names its Activities by turn, the same along its whole chain; a plain Workflow numbers
 * them anew in every run, save that a retry does again what the run before it did.
 */
async function lineageOf(port: GuardPort, start: StartEvent): Promise<RunIds> {
  const { workflowId, runId, firstRunId, originalRunId, workflowType } = start;
  const before = await runBefore(port, start);
  const own = originalRunId !== runId;
  const repeats = start.isRetry && before.run !== undefined ? before.run.stepPrefix : originalRunId;
  return {
    workflowId,
    runId,
    firstRunId,
    stepPrefix: workflowType === 'agentJob' ? firstRunId : repeats,
    reset: own || before.reset,
    resetAdmittedBy: own ? null : (before.run?.resetAdmittedBy ?? null),
  };
}

/** The nearest run before it that the ledger knows, and whether any run on the way there came of a reset. */
async function runBefore(port: GuardPort, start: StartEvent): Promise<{ run: Run | undefined; reset: boolean }> {
  for (let { continuedRunId } = start; continuedRunId !== undefined;) {
    const id: string = continuedRunId;
    const run = await port.ledger.run((db) => findRun(db, id));
    if (run !== undefined) return { run, reset: run.reset };
    const event = await port.history.startEvent(start.workflowId, id);
    if (event.originalRunId !== event.runId) return { run: undefined, reset: true };
    continuedRunId = event.continuedRunId;
  }
  return { run: undefined, reset: false };
}

async function admitRun(port: GuardPort, workflowId: string, runId: string): Promise<Run | NotAdmitted> {
  const start = await port.history.startEvent(workflowId, runId);
  const first = start.firstRunId === runId ? start : await port.history.startEvent(workflowId, start.firstRunId);
  const admission = admissionOf(first, port.bindings, port.policies);
  if ('code' in admission) return refuseAdmission(port, workflowId, admission);
  const { house } = (await port.policies.current(admission.charter)).policy;
  const run = await bindRun(port.ledger, await lineageOf(port, start), admission, house.assurance.start);
  return typeof run === 'string' ? refuseAdmission(port, workflowId, NOT_BOUND[run]) : run;
}

async function refuseAdmission(
  { ledger, log }: GuardPort,
  workflowId: string,
  refusal: NotAdmitted,
): Promise<NotAdmitted> {
  const at = ledger.now();
  log.warn({ workflowId, code: refusal.code }, 'not admitted');
  await ledger.transaction(async (trx) =>
    new AuditNotes(CONTROL_CHAIN, at)
      .add({ kind: 'input', at, what: 'admission-refused', says: `${workflowId}: ${refusal.code}: ${refusal.reason}` })
      .write(trx),
  );
  return refusal;
}
