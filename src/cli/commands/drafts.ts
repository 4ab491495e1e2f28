import type { Command } from 'commander';
import { DraftSchema, listOf } from '../../server/api-types.ts';
import type { Draft } from '../../server/api-types.ts';
import { readable } from '../command.ts';
import type { Context } from '../command.ts';
import { clock, plain } from '../io.ts';

export function draftsCommand(program: Command, { client, print }: Context): void {
  const command = program
    .command('drafts')
    .summary('list what was kept instead of done')
    .option('--all', 'also those that were sent')
    .action(async ({ all, json }: { all?: true; json?: true }) => {
      const { items } = await client().get(`drafts?all=${all === true}`, listOf(DraftSchema));
      print(json, items, items.length === 0 ? ['There are no drafts.'] : items.flatMap(linesOf));
    });
  readable(command, ['drafts', 'drafts --all --json']);
}

function linesOf({ draftId, state, sentence, reason, heldAt, sentBy, says }: Draft): readonly string[] {
  const what =
    sentBy === null
      ? ''
      : `; ${state === 'sent' ? 'sent' : 'last tried'} by ${plain(sentBy)}${says === null ? '' : `: ${plain(says)}`}`;
  return [`${draftId}  ${state.padEnd(7)} ${plain(sentence)}`, `    ${clock(heldAt)} ${plain(reason)}${what}`];
}
