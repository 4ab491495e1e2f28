import { Option } from 'commander';
import type { Command } from 'commander';
import { REVOCATION_KINDS } from '../../policy/revocation.ts';
import { LEVELS } from '../../policy/vocabulary.ts';
import { ReceiptSchema } from '../../server/api-types.ts';
import { personal, readable } from '../command.ts';
import type { Context } from '../command.ts';
import { CliError, EXIT } from '../exit-code.ts';
import { clock, plain } from '../io.ts';
import { scoped, scopeOf } from './scope-options.ts';
import type { ScopeOptions } from './scope-options.ts';

interface Options extends Readonly<ScopeOptions> {
  readonly kind: string;
  readonly level?: string;
  readonly reason: string;
  readonly readsToo?: true;
  readonly as: string;
  readonly json?: true;
}

export function revokeCommand(program: Command, { client, print }: Context): void {
  const command = scoped(program.command('revoke').summary('narrow what agents may do, at once and without a deploy'))
    .addOption(new Option('--kind <kind>', 'how').choices(REVOCATION_KINDS).default('cap'))
    .addOption(new Option('--level <level>', 'where a cap caps; draft-only unless said').choices(LEVELS))
    .option('--reason <text>', 'why; agents and reviewers read it', 'an operator asked for it')
    .option('--reads-too', 'an exclude stops reads too')
    .action(async (options: Options) => {
      const { kind, level, reason, readsToo, as, json } = options;
      const scope = scopeOf(options);
      if (scope === undefined)
        throw new CliError(
          EXIT.usage,
          'say what to revoke: --job, --agent, --charter, --system, --action, --customer, --domain or --everything',
        );
      const receipt = await client().post('revocations', ReceiptSchema, { kind, level, scope, reason, readsToo, as });
      const still = receipt.stillFinishing.map(
        (each) => `  begun before and over by ${clock(each.deadlineAt)}: ${each.action} of ${plain(each.workflowId)}`,
      );
      print(json, receipt, [
        `Revoked as ${receipt.revocationId}, in force since ${clock(receipt.at)}.`,
        ...still,
        `End it with: remit restore ${receipt.revocationId}`,
      ]);
    });
  readable(personal(command), [
    'revoke --job support-inbox-0123456789ab',
    'revoke --charter order-status-replies --kind disable --reason "wrong prices"',
    'revoke --domain rival.example --kind drop-domain',
    'revoke --everything --level read-only',
  ]);
}
