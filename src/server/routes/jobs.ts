import { Hono } from 'hono';
import { boundaryView } from '../../activities/boundary-view.ts';
import { verifyStored } from '../../ledger/audit-log.ts';
import { openRequests } from '../../ledger/approval.ts';
import { admitReset, findJob, listJobs } from '../../ledger/job.ts';
import type { Job } from '../../ledger/job.ts';
import type { LedgerReader } from '../../ledger/ledger.ts';
import { AsRequestSchema, StartRequestSchema } from '../api-types.ts';
import type { JobDetail, JobSummary } from '../api-types.ts';
import { notFound } from '../api-error.ts';
import { bodyOf, personOf, workflowUrl } from '../context.ts';
import type { ApiContext } from '../context.ts';
import type { Remit } from '../remit.ts';
import { standingsOf, UNKNOWN } from '../standing.ts';
import { startJob } from '../start-job.ts';
import { approvalView, draftView, isOver, jobView } from '../views.ts';

const MOST = 500;

export function jobRoutes(context: ApiContext): Hono {
  const { remit } = context;
  const { ledger } = remit;
  return new Hono()
    .get('/', async (c) => c.json({ items: await summaries(remit, c.req.query('running') === 'true') }))
    .post('/', async (c) => {
      const { as, ...order } = await bodyOf(c, StartRequestSchema);
      const started = await startJob(remit, { ...order, by: personOf(c, context, as) });
      return c.json({ ...started, ...workflowUrl(context, started.workflowId) }, 201);
    })
    .get('/:job', async (c) => c.json(await detail(context, await jobNamed(remit, c.req.param('job')))))
    .post('/:job/admit-reset', async (c) => {
      const { as } = await bodyOf(c, AsRequestSchema);
      const { jobId } = await jobNamed(remit, c.req.param('job'));
      return c.json({ runs: await admitReset(ledger, jobId, personOf(c, context, as)) });
    });
}

/** By job id or Workflow id. @throws ApiError `NOT_FOUND` */
export async function jobNamed({ ledger }: Remit, name: string): Promise<Job> {
  const job = await ledger.run((db) => findJob(db, name));
  if (job === undefined) throw notFound('job', name);
  return job;
}

async function summaries(remit: Remit, running: boolean): Promise<readonly JobSummary[]> {
  const [jobs, open] = await remit.ledger.run((db) =>
    Promise.all([listJobs(db, { running, most: MOST }), openRequests(db)]),
  );
  const standings = await standingsOf(remit, jobs);
  const items = jobs.map((job) => {
    const waits = open.filter(({ job_id }) => job_id === job.jobId).length;
    return jobView(job, waits, standings.get(job.jobId) ?? UNKNOWN);
  });
  return running ? items.filter((item) => !isOver(item)) : items; // the ledger hears of an end a little later
}

async function detail(context: ApiContext, job: Job): Promise<JobDetail> {
  const { remit } = context;
  const { policy } = remit.port.policies.lastKnown(job.charter);
  const [approvals, steps, drafts, boundary, audit, standings] = await Promise.all([
    remit.ledger.run((db) =>
      db.selectFrom('approval_request').selectAll().where('job_id', '=', job.jobId).orderBy('asked_at').execute(),
    ),
    remit.ledger.run((db) => stepsOf(db, job.jobId)),
    remit.ledger.run((db) =>
      db.selectFrom('draft').selectAll().where('job_id', '=', job.jobId).orderBy('held_at').execute(),
    ),
    boundaryView(remit.ledger, policy, job),
    verifyStored(remit.ledger, job.jobId),
    standingsOf(remit, [job]),
  ]);
  const { level, mode, revocations } = boundary;
  const standing = standings.get(job.jobId) ?? UNKNOWN;
  return {
    ...jobView(job, approvals.filter(({ state }) => state === 'open').length, standing),
    case: job.case,
    brain: job.brain,
    temporal: standing.temporal,
    ...workflowUrl(context, job.workflowId),
    level,
    mode,
    approvals: approvals.map(approvalView),
    steps,
    drafts: drafts.map(draftView),
    revocations: [...revocations],
    audit,
  };
}

async function stepsOf(db: LedgerReader, jobId: string): Promise<JobDetail['steps']> {
  const rows = await db.selectFrom('step').selectAll().where('job_id', '=', jobId).orderBy('intended_at').execute();
  return rows.map(({ step, action, state, says, intended_at: at }) => ({
    step: step.slice(step.indexOf('/') + 1),
    action,
    state,
    says,
    at,
  }));
}
