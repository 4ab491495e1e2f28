import type { Command } from 'commander';
import { DoctorSchema } from '../../server/api-types.ts';
import { readable } from '../command.ts';
import type { Context } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { plain } from '../io.ts';

export function doctorCommand(program: Command, { client, print, finish }: Context): void {
  const command = program
    .command('doctor')
    .summary('look at every part and say what is not well')
    .action(async ({ json }: { json?: true }) => {
      const found = await client().get('doctor', DoctorSchema);
      print(
        json,
        found,
        found.checks.map(({ name, ok, says }) => `${ok ? 'ok  ' : 'BAD '} ${name.padEnd(18)} ${plain(says)}`),
      );
      if (!found.ok) finish(EXIT.failed);
    });
  readable(command, ['doctor', 'doctor --json']);
}
