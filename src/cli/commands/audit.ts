import type { Command } from 'commander';
import { JsonSchema } from '../../audit/canonical.ts';
import { listOf, StorySchema, VerifiedSchema } from '../../server/api-types.ts';
import type { Verified } from '../../server/api-types.ts';
import { path } from '../client.ts';
import { readable } from '../command.ts';
import type { Context } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { clock, plain } from '../io.ts';

export function auditCommand(program: Command, context: Context): void {
  const audit = program
    .command('audit')
    .summary('tell what happened, prove that nobody changed the record, and write it out')
    .addHelpText(
      'after',
      '\nExamples:\n  $ remit audit show support-inbox-0123456789ab\n  $ remit audit verify\n  $ remit audit cases > cases.jsonl',
    );
  show(audit, context);
  verify(audit, context);
  cases(audit, context);
}

function show(audit: Command, { client, print }: Context): void {
  const command = audit
    .command('show <job>')
    .summary('the story of one job, in order and in plain words')
    .action(async (job: string, { json }: { json?: true }) => {
      const story = await client().get(path('audit', job), StorySchema);
      print(
        json,
        story,
        story.lines.map(({ at, says }) => `${clock(at)}  ${plain(says)}`),
      );
    });
  readable(command, ['audit show support-inbox-0123456789ab']);
}

function verify(audit: Command, { client, print, finish }: Context): void {
  const command = audit
    .command('verify [job]')
    .summary('recompute every chain, or one job’s; names the first bad row')
    .action(async (job: string | undefined, { json }: { json?: true }) => {
      const found = await client().get(
        `audit/verify${job === undefined ? '' : `?job=${encodeURIComponent(job)}`}`,
        VerifiedSchema,
      );
      print(json, found, verdictOn(found));
      if (!found.ok) finish(EXIT.failed);
    });
  readable(command, ['audit verify', 'audit verify support-inbox-0123456789ab']);
}

function verdictOn({ ok, chains, entries, bad }: Verified): readonly string[] {
  if (ok) return [`Intact: ${entries} entries in ${chains} chain${chains === 1 ? '' : 's'}.`];
  return bad.map(({ chain, seq, problem }) => `NOT intact: chain ${chain}, first bad row ${seq}: ${problem}`);
}

function cases(audit: Command, { client, print }: Context): void {
  const command = audit
    .command('cases')
    .summary('every decision as one line of JSON (with --json, one list): request, decision, verdict, edit')
    .action(async ({ json }: { json?: true }) => {
      const { items } = await client().get('audit/cases', listOf(JsonSchema));
      print(
        json,
        items,
        items.map((item) => JSON.stringify(item)),
      );
    });
  readable(command, ['audit cases > cases.jsonl']);
}
