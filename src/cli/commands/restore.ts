import type { Command } from 'commander';
import { listOf, LiveRevocationSchema, RestoredSchema } from '../../server/api-types.ts';
import { personal, readable } from '../command.ts';
import type { Context } from '../command.ts';
import { CliError, EXIT } from '../exit-code.ts';
import { clock, plain } from '../io.ts';
import { scoped, scopeOf } from './scope-options.ts';
import type { ScopeOptions } from './scope-options.ts';

type Options = ScopeOptions & { readonly as: string; readonly json?: true };

export function restoreCommand(program: Command, { client, print }: Context): void {
  const command = scoped(
    program
      .command('restore [revocation]')
      .summary('end a revocation, or all of one scope; without either, list what is revoked now'),
  ).action(async (revocationId: string | undefined, options: Options) => {
    const { as, json } = options;
    const scope = scopeOf(options);
    if (revocationId !== undefined && scope !== undefined)
      throw new CliError(EXIT.usage, 'say a revocation or a scope, not both');
    if (revocationId === undefined && scope === undefined) {
      const { items } = await client().get('revocations', listOf(LiveRevocationSchema));
      print(
        json,
        items,
        items.length === 0
          ? ['Nothing is revoked now.']
          : items.map(
              ({ revocationId, says, author, at }) =>
                `${revocationId}  ${plain(says)}, by ${plain(author)} at ${clock(at)}`,
            ),
      );
      return;
    }
    const done = await client().post('revocations/restore', RestoredSchema, {
      ...(revocationId === undefined ? { scope } : { revocationId }),
      as,
    });
    print(json, done, [`Restored: ${done.restored.join(', ')}`]);
  });
  readable(personal(command), ['restore', 'restore rev-7k2m9q4x1d0z', 'restore --job support-inbox-0123456789ab']);
}
