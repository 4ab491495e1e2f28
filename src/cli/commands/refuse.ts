import type { Command } from 'commander';
import { personal, readable } from '../command.ts';
import type { Context } from '../command.ts';
import { decide } from './verdict.ts';
import type { VerdictOptions } from './verdict.ts';

export function refuseCommand(program: Command, context: Context): void {
  const command = program
    .command('refuse <request>')
    .summary('refuse one waiting action; the agent is told why and goes on')
    .option('--note <text>', 'what the agent is told')
    .option('--keep-as-draft', 'keep it, so that a person can send it later')
    .action((requestId: string, options: VerdictOptions & { keepAsDraft?: true }) =>
      decide(context, requestId, options.keepAsDraft === true ? 'kept' : 'refused', options),
    );
  readable(personal(command), [
    'refuse apr-7k2m9q4x1d0z --note "we call this customer"',
    'refuse apr-7k2m9q4x1d0z --keep-as-draft',
  ]);
}
