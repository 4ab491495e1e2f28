import { AuditNotes, CONTROL_CHAIN } from '../ledger/audit-log.ts';
import { bindRun, findRun } from '../ledger/job.ts';
import type { NotBound, Run } from '../ledger/job.ts';
import { admissionOf } from './admission.ts';
import type { NotAdmitted } from './admission.ts';
import type { GuardPort } from './guard-port.ts';

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

async function admitRun(port: GuardPort, workflowId: string, runId: string): Promise<Run | NotAdmitted> {
  const start = await port.history.startEvent(workflowId, runId);
  const first = start.firstRunId === runId ? start : await port.history.startEvent(workflowId, start.firstRunId);
  const admission = admissionOf(first, port.bindings, port.policies);
  if ('code' in admission) return refuseAdmission(port, workflowId, admission);
  const { house } = port.policies.lastKnown(admission.charter).policy;
  const run = await bindRun(port.ledger, start, admission, house.assurance.start);
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
