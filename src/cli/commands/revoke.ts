import { Option } from 'commander';
import type { Command } from 'commander';
import { REVOCATION_KINDS } from '../../policy/revocation.ts';
import { ReceiptSchema } from '../../server/api-types.ts';
import type { Receipt } from '../../server/api-types.ts';
import { CAP_LEVELS } from '../../server/revoke-request.ts';
import { personal, readable } from '../command.ts';
import type { Context } from '../command.ts';
import { CliError, EXIT } from '../exit-code.ts';
import { clock, plain } from '../io.ts';
import { scoped, scopeOf } from './scope-options.ts';
import type { ScopeOptions } from './scope-options.ts';

interface Options extends Readonly<ScopeOptions> {
  readonly kind?: string;
  readonly level?: string;
  readonly reason: string;
  readonly readsToo?: true;
  readonly as: string;
  readonly json?: true;
}

export function revokeCommand(program: Command, { client, print }: Context): void {
  const command = scoped(program.command('revoke').summary('narrow what agents may do, at once and without a deploy'))
    .addOption(
      new Option(
        '--kind <kind>',
        'how; unless said, a domain is dropped (drop-domain), a customer is excluded (exclude), anything else is capped (cap)',
      ).choices(REVOCATION_KINDS),
    )
    .addOption(new Option('--level <level>', 'where a cap caps; draft-only unless said').choices(CAP_LEVELS))
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
      print(json, receipt, linesOf(receipt));
    });
  readable(personal(command), [
    'revoke --job support-inbox-0123456789ab',
    'revoke --charter order-status-replies --kind disable --reason "wrong prices"',
    'revoke --domain rival.example',
    'revoke --customer 1042 --reads-too',
    'revoke --everything --level read-only',
  ]);
}

function linesOf({ revocationId, says, at, stillFinishing }: Receipt): readonly string[] {
  return [
    `Revoked: ${plain(says)}.`,
    `In force since ${clock(at)}, as ${revocationId}; no effect it covers begins from then on.`,
    ...(stillFinishing.length === 0
      ? ['Nothing begun before it is still finishing.']
      : stillFinishing.map(
          ({ deadlineAt, action, workflowId }) =>
            `  begun before and over by ${clock(deadlineAt)}: ${action} of ${plain(workflowId)}`,
        )),
    `End it with: remit restore ${revocationId}`,
  ];
}
