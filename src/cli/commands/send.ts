import type { Command } from 'commander';
import { SentSchema } from '../../server/api-types.ts';
import { path } from '../client.ts';
import { personal, readable } from '../command.ts';
import type { Context } from '../command.ts';

export function sendCommand(program: Command, { client, print }: Context): void {
  const command = program
    .command('send <draft>')
    .summary('send one draft exactly as it was kept, on your word; never twice')
    .action(async (draftId: string, { as, json }: { as: string; json?: true }) => {
      const sent = await client().post(path('drafts', draftId, 'send'), SentSchema, { as });
      print(json, sent, [`Sent ${draftId}, as ${as} decided.`]);
    });
  readable(personal(command), ['send dft-7k2m9q4x1d0z', 'send dft-7k2m9q4x1d0z --as mona']);
}
