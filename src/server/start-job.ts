import { randomBytes } from 'node:crypto';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { boundaryView } from '../activities/boundary-view.ts';
import type { OpenApp } from '../app.ts';
import type { By } from '../audit/entry.ts';
import { assuranceSuffices } from '../policy/statement.ts';
import { admitAhead, findJobById, takeBackAdmission } from '../ledger/job.ts';
import type { Admission } from '../ledger/job.ts';
import { caseSchemaOf } from '../policy/case.ts';
import type { Policy } from '../policy/compile.ts';
import type { Json } from '../policy/vocabulary.ts';
import { remitAgent, remitCharter, remitLevel, remitMode, remitOpenApprovals } from '../workflows/boundary.ts';
import type { BoundaryView, JobInput } from '../workflows/messages.ts';
import { ApiError, unknownCharter } from './api-error.ts';
import { problemInWords } from './problem.ts';
import type { Remit } from './remit.ts';

export interface StartOrder {
  readonly charter: string;
  /** As typed in; read by the charter's own schema. */
  readonly case: unknown;
  readonly brain?: string | undefined;
  readonly workflowId?: string | undefined;
  readonly by: By;
}

export interface StartedJob {
  readonly jobId: string;
  readonly workflowId: string;
  readonly runId: string;
}

/**
 * Admits a job and starts its Workflow: row first, then start. A Workflow id is used once.
 *
 * @throws ApiError `CASE_REJECTED`, `UNKNOWN_BRAIN`, `ALREADY_STARTED`, `ASSURANCE_TOO_LOW`
 */
export async function startJob(remit: Remit, order: StartOrder): Promise<StartedJob> {
  const admission = await admissionFor(remit, order);
  const { workflowId } = admission;
  if (underWay.has(workflowId)) throw alreadyStarted(workflowId);
  underWay.add(workflowId);
  try {
    return await startOnce(remit, admission);
  } finally {
    underWay.delete(workflowId);
  }
}

/** A row that waits for its run is taken for one whose start failed: a second start at once must not take it away. */
const underWay = new Set<string>();

async function startOnce(remit: Remit, admission: Admission): Promise<StartedJob> {
  const { workflowId } = admission;
  if (await isKnown(remit, workflowId)) throw alreadyStarted(workflowId);
  const jobId = await admitAhead(remit.ledger, admission);
  try {
    return { jobId, workflowId, runId: await startWorkflow(remit, admission, jobId) };
  } catch (error) {
    await takeBackAdmission(remit.ledger, jobId);
    throw error instanceof WorkflowExecutionAlreadyStartedError ? alreadyStarted(workflowId) : error;
  }
}

async function admissionFor(
  { port, app }: Remit,
  { charter, case: typed, brain, workflowId, by }: StartOrder,
): Promise<Admission> {
  const known = port.policies.charters();
  if (!known.includes(charter)) throw unknownCharter(charter, known);
  const { policy } = await port.policies.current(charter);
  const needs = policy.house.assurance.start;
  if (!assuranceSuffices(by.assurance, needs))
    throw new ApiError(403, 'ASSURANCE_TOO_LOW', `starting a job needs ${needs}; this is ${by.assurance}`);
  return {
    workflowId: workflowId ?? `${charter}-${randomBytes(6).toString('hex')}`,
    workflowType: 'agentJob',
    charter,
    agent: policy.charter.agent,
    brain: brainFor(app, brain),
    case: readCase(policy, typed),
    starter: by,
  };
}

/** The brain that was named, else `playbook`, else the only one. @throws ApiError `UNKNOWN_BRAIN` */
export function brainFor({ brains }: Pick<OpenApp, 'brains'>, named: string | undefined): string {
  const names = brains.map(({ name }) => name);
  const [only = 'playbook', ...others] = names;
  const meant = named ?? (others.length === 0 ? only : 'playbook');
  if (names.includes(meant)) return meant;
  const what = named === undefined ? 'say which brain works it' : `there is no brain \`${named}\``;
  throw new ApiError(400, 'UNKNOWN_BRAIN', `${what}; there are ${names.join(', ')}`);
}

/** @throws ApiError naming each field that does not fit */
function readCase({ charter }: Policy, typed: unknown): Readonly<Record<string, Json>> {
  const read = caseSchemaOf(charter).safeParse(typed);
  if (read.success) return read.data;
  const problems = read.error.issues.map((issue) => problemInWords(issue, typed, 'case')).join('; ');
  throw new ApiError(
    400,
    'CASE_REJECTED',
    `the case does not fit charter \`${charter.charter}\`: ${problems} (it has ${Object.keys(charter.case).join(', ')})`,
  );
}

/** Temporal forgets closed Workflows in time; the ledger does not. */
async function isKnown({ client, ledger }: Remit, workflowId: string): Promise<boolean> {
  const worked = await ledger.run((db) =>
    db
      .selectFrom('job')
      .innerJoin('run', 'run.job_id', 'job.job_id')
      .select('job.job_id')
      .where('workflow_id', '=', workflowId)
      .limit(1)
      .executeTakeFirst(),
  );
  if (worked !== undefined) return true;
  return client.workflow
    .getHandle(workflowId)
    .describe()
    .then(
      () => true,
      (error: unknown) => {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      },
    );
}

async function startWorkflow(
  { client, ledger, port, taskQueue }: Remit,
  admission: Admission,
  jobId: string,
): Promise<string> {
  const { workflowId, charter, case: typed, brain } = admission;
  const job = await ledger.run((db) => findJobById(db, jobId));
  if (job === undefined) throw new Error(`job \`${jobId}\` was just written and is gone`);
  const view = await boundaryView(ledger, port.policies.lastKnown(charter).policy, job);
  const input: JobInput = { charter, case: typed, ...(brain === null ? {} : { brain }) };
  const handle = await client.workflow.start('agentJob', {
    taskQueue,
    workflowId,
    args: [input],
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    ...shown(view, admission),
  });
  return handle.firstExecutionRunId;
}

/** What people see of the job in the Temporal UI before it has done anything. */
function shown({ agent, charter, mode, level }: BoundaryView, { case: typed }: Admission) {
  const subject = typeof typed['subject'] === 'string' ? typed['subject'] : Object.values(typed).map(String).join(', ');
  const facts = Object.entries(typed).map(([name, value]) => `- ${name}: ${plain(String(value), 400)}`);
  return {
    typedSearchAttributes: [
      { key: remitAgent, value: agent },
      { key: remitCharter, value: charter },
      { key: remitMode, value: mode },
      { key: remitLevel, value: level },
      { key: remitOpenApprovals, value: 0 },
    ],
    memo: { remit: { mode, level, waits: [] } },
    staticSummary: `${charter.replaceAll('-', ' ')}: ${plain(subject, 120)}`,
    staticDetails: [`Agent **${agent}** works **${charter}** at level **${level}**.`, ...facts].join('\n'),
  };
}

/** Outsiders' words are never taken as Markdown. */
function plain(text: string, most: number): string {
  return text
    .slice(0, most)
    .replace(/[\\`*_{}[\]<>()#+!|~]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function alreadyStarted(workflowId: string): ApiError {
  return new ApiError(
    409,
    'ALREADY_STARTED',
    `a job \`${workflowId}\` was started already; a Workflow id is used once`,
  );
}
