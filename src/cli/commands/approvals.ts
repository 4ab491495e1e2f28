import type { Command } from 'commander';
import { ApprovalDetailSchema, ApprovalSchema, listOf } from '../../server/api-types.ts';
import type { Approval, ApprovalDetail } from '../../server/api-types.ts';
import { path } from '../client.ts';
import { readable } from '../command.ts';
import type { Context } from '../command.ts';
import { clock, payloadLines, plain } from '../io.ts';

export function approvalsCommand(program: Command, { client, print }: Context): void {
  const command = program
    .command('approvals [request]')
    .summary('list what waits for a person, or show one request whole')
    .option('--job <job>', 'only those of one job')
    .action(async (request: string | undefined, { job, json }: { job?: string; json?: true }) => {
      if (request !== undefined) {
        const one = await client().get(path('approvals', request), ApprovalDetailSchema);
        print(json, one, detailLines(one));
        return;
      }
      const query = job === undefined ? '' : `?job=${encodeURIComponent(job)}`;
      const { items } = await client().get(`approvals${query}`, listOf(ApprovalSchema));
      print(json, items, items.length === 0 ? ['Nothing waits for a person.'] : items.flatMap(linesOf));
    });
  readable(command, ['approvals', 'approvals --job support-inbox-0123456789ab', 'approvals apr-7k2m9q4x1d0z']);
}

function linesOf({ requestId, sentence, reason, workflowId, expiresAt, atExpiry }: Approval): readonly string[] {
  return [
    `${requestId}  ${plain(sentence)}`,
    `    ${plain(reason)}`,
    `    job ${plain(workflowId)}; until ${clock(expiresAt)}, then: ${atExpiry}`,
  ];
}

function detailLines(one: ApprovalDetail): readonly string[] {
  const { state, action, assurance, riskClasses, payload, sources } = one;
  return [
    ...linesOf(one),
    `    ${action}; ${state}; needs ${assurance}${riskClasses.length === 0 ? '' : `; ${riskClasses.join(', ')}`}`,
    ...payloadLines(payload, 'exactly this would happen:'),
    ...sources.map((source) => `    read before: ${plain(JSON.stringify(source))}`),
  ];
}
