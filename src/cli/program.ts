import { Command, CommanderError } from 'commander';
import { contextOf } from './command.ts';
import type { Context } from './command.ts';
import { approvalsCommand } from './commands/approvals.ts';
import { approveCommand } from './commands/approve.ts';
import { auditCommand } from './commands/audit.ts';
import { doctorCommand } from './commands/doctor.ts';
import { draftsCommand } from './commands/drafts.ts';
import { explainCommand } from './commands/explain.ts';
import { jobCommand } from './commands/job.ts';
import { jobsCommand } from './commands/jobs.ts';
import { refuseCommand } from './commands/refuse.ts';
import { restoreCommand } from './commands/restore.ts';
import { revokeCommand } from './commands/revoke.ts';
import { sendCommand } from './commands/send.ts';
import { startCommand } from './commands/start.ts';
import { upCommand } from './commands/up.ts';
import { CliError, EXIT, EXIT_CODES_HELP } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import type { Io } from './io.ts';

const COMMANDS: readonly ((program: Command, context: Context) => void)[] = [
  upCommand,
  startCommand,
  jobsCommand,
  jobCommand,
  approvalsCommand,
  approveCommand,
  refuseCommand,
  draftsCommand,
  sendCommand,
  revokeCommand,
  restoreCommand,
  explainCommand,
  auditCommand,
  doctorCommand,
];

const EXAMPLES = `
Examples:
  $ remit up
  $ remit approvals
  $ remit approve apr-7k2m9q4x1d0z --note "checked the invoice"
  $ remit revoke --charter order-status-replies --level read-only
  $ remit audit show support-inbox-0123456789ab`;

/** Runs one command line. @returns its exit code */
export async function runCli(argv: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = programOf(
    contextOf(io, (finished) => (code = finished)),
    io,
  );
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    io.err(`remit: ${error instanceof Error ? error.message : String(error)}`);
    return error instanceof CliError ? error.exitCode : EXIT.failed;
  }
}

function programOf(context: Context, io: Io): Command {
  const program = new Command('remit')
    .description('The permission boundary for AI agents, on Temporal.')
    .addHelpText(
      'after',
      `${EXAMPLES}\n${EXIT_CODES_HELP}\n\nEvery command answers --help with examples. From a checkout: npm run -s remit -- COMMAND`,
    )
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) })
    .showHelpAfterError('(--help says more)')
    .exitOverride();
  for (const add of COMMANDS) add(program, context);
  return program;
}
