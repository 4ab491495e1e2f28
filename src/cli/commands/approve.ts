import type { Command } from 'commander';
import { personal, readable } from '../command.ts';
import type { Context } from '../command.ts';
import { decide } from './verdict.ts';
import type { VerdictOptions } from './verdict.ts';

export function approveCommand(program: Command, context: Context): void {
  const command = program
    .command('approve <request>')
    .summary('let one waiting action happen, once')
    .option('--note <text>', 'for the record')
    .action((requestId: string, options: VerdictOptions) => decide(context, requestId, 'approved', options));
  readable(personal(command), [
    'approve apr-7k2m9q4x1d0z',
    'approve apr-7k2m9q4x1d0z --as mona --note "checked the invoice"',
  ]);
}
