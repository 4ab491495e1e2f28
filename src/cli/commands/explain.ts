import type { Command } from 'commander';
import { CharterSummarySchema, ExplainedSchema, listOf } from '../../server/api-types.ts';
import { path } from '../client.ts';
import { readable } from '../command.ts';
import type { Context } from '../command.ts';

export function explainCommand(program: Command, { client, print }: Context): void {
  const command = program
    .command('explain [charter]')
    .summary('say in one paragraph what an agent may do now, and how to stop it; without a charter, list them')
    .action(async (charter: string | undefined, { json }: { json?: true }) => {
      if (charter === undefined) {
        const { items } = await client().get('charters', listOf(CharterSummarySchema));
        print(
          json,
          items,
          items.map(
            (each) =>
              `${each.charter}  agent ${each.agent}, owner ${each.owner}, revision ${each.revision.slice(0, 12)}`,
          ),
        );
        return;
      }
      const explained = await client().get(path('charters', charter, 'explain'), ExplainedSchema);
      print(json, explained, [explained.paragraph]);
    });
  readable(command, ['explain', 'explain order-status-replies']);
}
