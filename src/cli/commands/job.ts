import type { Command } from 'commander';
import { z } from 'zod';
import { JobDetailSchema } from '../../server/api-types.ts';
import type { JobDetail } from '../../server/api-types.ts';
import { path } from '../client.ts';
import { personal, readable } from '../command.ts';
import type { Context } from '../command.ts';
import { clock, plain } from '../io.ts';

export function jobCommand(program: Command, { client, print }: Context): void {
  const command = program
    .command('job <job>')
    .summary('show one job: what it may do, did, and waits for')
    .option('--admit-reset', 'let a run that was reset in Temporal do new things')
    .action(async (name: string, { admitReset, as, json }: { admitReset?: true; as: string; json?: true }) => {
      if (admitReset === true) {
        const { runs } = await client().post(path('jobs', name, 'admit-reset'), z.object({ runs: z.int() }), { as });
        print(json, { runs }, [
          runs === 0
            ? 'No reset run of this job waits to be admitted.'
            : `Admitted ${runs} reset run${runs === 1 ? '' : 's'}.`,
        ]);
        return;
      }
      const job = await client().get(path('jobs', name), JobDetailSchema);
      print(json, job, linesOf(job));
    });
  readable(personal(command), [
    'job support-inbox-0123456789ab',
    'job job-7k2m9q4x1d0z --json',
    'job support-inbox-0123456789ab --admit-reset',
  ]);
}

function linesOf(job: JobDetail): readonly string[] {
  const { starter } = job;
  return [
    `${plain(job.workflowId)} (${job.jobId})`,
    `  state     ${job.state}; in Temporal ${job.temporal}${job.failure === null ? '' : `: ${plain(job.failure)}`}`,
    `  charter   ${job.charter}, agent ${job.agent}, brain ${job.brain ?? 'none'}`,
    `  level     ${job.level}, boundary ${job.mode}`,
    `  started   ${clock(job.admittedAt)} by ${plain(starter.name)} (${starter.assurance}, ${starter.door})${job.endedAt === null ? '' : `, over since ${clock(job.endedAt)}`}`,
    ...Object.entries(job.case).map(
      ([name, value]) => `  case      ${name}: ${plain(typeof value === 'string' ? value : JSON.stringify(value))}`,
    ),
    ...job.approvals.map(
      ({ requestId, state, sentence }) => `  approval  ${state.padEnd(9)} ${requestId}  ${plain(sentence)}`,
    ),
    ...job.steps.map(
      ({ state, action, step, says }) =>
        `  step      ${state.padEnd(9)} ${step}  ${action}${says === null || says === state ? '' : `: ${plain(says)}`}`,
    ),
    ...job.drafts.map(
      ({ draftId, state, sentence }) => `  draft     ${state.padEnd(9)} ${draftId}  ${plain(sentence)}`,
    ),
    ...job.revocations.map(({ revocationId, says }) => `  revoked   ${revocationId}  ${plain(says)}`),
    `  audit     ${job.audit.ok ? `intact, ${job.audit.entries} entries` : `NOT intact: row ${job.audit.seq}: ${job.audit.problem}`}`,
    ...(job.url === undefined ? [] : [`  see       ${job.url}`]),
  ];
}
