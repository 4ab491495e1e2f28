import type { Command } from 'commander';
import { StartedSchema } from '../../server/api-types.ts';
import { personal, readable } from '../command.ts';
import type { Context } from '../command.ts';
import { CliError, EXIT } from '../exit-code.ts';

interface Options {
  readonly set: Readonly<Record<string, string>>;
  readonly case?: string;
  readonly brain?: string;
  readonly id?: string;
  readonly as: string;
  readonly json?: true;
}

export function startCommand(program: Command, { client, print }: Context): void {
  const command = program
    .command('start <charter>')
    .summary('start a job on one case of a charter')
    .option('-s, --set <name=value>', 'one value of the case, as text; may be said again', keepPair, {})
    .option('--case <json>', 'the whole case as JSON')
    .option('--brain <name>', 'which brain works it')
    .option('--id <workflow-id>', 'Workflow id; used once')
    .action(async (charter: string, options: Options) => {
      const { brain, id: workflowId, as, json } = options;
      const body = { charter, case: caseOf(options), brain, workflowId, as };
      const started = await client().post('jobs', StartedSchema, body);
      print(json, started, [
        `Started ${started.workflowId} (${started.jobId})`,
        ...(started.url === undefined ? [] : [started.url]),
      ]);
    });
  readable(personal(command), [
    'start order-status-replies -s messageId=0123456789ab -s sender=dana@acme.example -s subject="Where is it?"',
    `start order-status-replies --case '{"messageId":"0123456789ab","sender":"dana@acme.example","subject":"Hello"}'`,
  ]);
}

function keepPair(text: string, kept: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new CliError(EXIT.usage, `--set takes name=value, not \`${text}\``);
  return { ...kept, [text.slice(0, at)]: text.slice(at + 1) };
}

function caseOf({ set, case: whole }: Options): unknown {
  if (whole === undefined) return set;
  try {
    return { ...(JSON.parse(whole) as object), ...set };
  } catch {
    throw new CliError(EXIT.usage, '--case takes JSON');
  }
}
