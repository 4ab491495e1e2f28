import type { Command } from 'commander';
import { DraftDetailSchema, DraftSchema, listOf } from '../../server/api-types.ts';
import type { Draft, DraftDetail } from '../../server/api-types.ts';
import { path } from '../client.ts';
import { readable } from '../command.ts';
import type { Context } from '../command.ts';
import { clock, payloadLines, plain } from '../io.ts';

export function draftsCommand(program: Command, { client, print }: Context): void {
  const command = program
    .command('drafts [draft]')
    .summary('list what was kept instead of done, or show one draft whole')
    .option('--all', 'also those that were sent')
    .action(async (draft: string | undefined, { all, json }: { all?: true; json?: true }) => {
      if (draft !== undefined) {
        const one = await client().get(path('drafts', draft), DraftDetailSchema);
        print(json, one, detailLines(one));
        return;
      }
      const { items } = await client().get(`drafts?all=${all === true}`, listOf(DraftSchema));
      print(json, items, items.length === 0 ? ['There are no drafts.'] : items.flatMap(linesOf));
    });
  readable(command, ['drafts', 'drafts --all --json', 'drafts dft-7k2m9q4x1d0z']);
}

function detailLines(one: DraftDetail): readonly string[] {
  return [...linesOf(one), ...payloadLines(one.payload, `exactly this is sent, by ${one.action}:`)];
}

function linesOf({ draftId, state, sentence, reason, heldAt, sentBy, says }: Draft): readonly string[] {
  const what =
    sentBy === null
      ? ''
      : `; ${state === 'sent' ? 'sent' : 'last tried'} by ${plain(sentBy)}${says === null ? '' : `: ${plain(says)}`}`;
  return [`${draftId}  ${state.padEnd(7)} ${plain(sentence)}`, `    ${clock(heldAt)} ${plain(reason)}${what}`];
}
