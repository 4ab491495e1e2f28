import type { Command } from 'commander';
import { JobSchema, listOf } from '../../server/api-types.ts';
import type { JobSummary } from '../../server/api-types.ts';
import { readable } from '../command.ts';
import type { Context } from '../command.ts';
import { clock, plain } from '../io.ts';

export function jobsCommand(program: Command, { client, print }: Context): void {
  const command = program
    .command('jobs')
    .summary('list jobs, newest first')
    .option('--running', 'only those that are not over')
    .action(async ({ running, json }: { running?: true; json?: true }) => {
      const { items } = await client().get(`jobs?running=${running === true}`, listOf(JobSchema));
      print(json, items, items.length === 0 ? ['There are no jobs.'] : items.map(lineOf));
    });
  readable(command, ['jobs', 'jobs --running --json']);
}

function lineOf({ workflowId, state, failure, waits, charter, admittedAt }: JobSummary): string {
  const standing = state === 'waiting' ? `waits (${waits})` : state;
  return `${standing.padEnd(10)} ${plain(workflowId).padEnd(28)} ${charter}  ${clock(admittedAt)}${failure === null ? '' : `  ${plain(failure)}`}`;
}
