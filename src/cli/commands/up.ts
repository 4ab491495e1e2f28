import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import type { Stack } from '../../server/stack.ts';
import { ANY_PORTS, USUAL_PORTS } from '../../server/stack.ts';
import type { Ports } from '../../server/stack.ts';
import { CliError, EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { homeOf, PROJECT } from '../home.ts';
import type { Io } from '../io.ts';
import { settled, takeIn } from '../up/intake.ts';
import { asked } from '../up/interrupt.ts';
import { untilOneFalls } from '../up/watch.ts';
import { withStack } from '../up/run.ts';
import { addressLines, intakeLines, nextLines, waitingLines } from '../up/screen.ts';
import { tour } from '../tour/tour.ts';
import type { Context } from '../command.ts';

interface Options {
  readonly mailbox?: string;
  readonly brain?: string;
  readonly app: string;
  readonly jobs: boolean;
  readonly tour?: true;
  readonly uiPort: number;
  readonly temporalPort: number;
  readonly httpPort: number;
  readonly postgresPort: number;
}

const PATIENCE_MS = 60_000;

export function upCommand(program: Command, { io, finish }: Context): void {
  program
    .command('up')
    .summary('start everything here: PostgreSQL, Temporal, a Worker, the HTTP API and the sample jobs')
    .option('--mailbox <folder>', 'work the mail of this folder instead of the sample’s; it is only read')
    .addOption(new Option('--brain <name>', 'which brain works the jobs').choices(['playbook', 'worst-case']))
    .option('--no-jobs', 'start no jobs')
    .option('--tour', 'show the whole boundary at work by itself, on a folder and ports of its own, and stop')
    .option('--app <file>', 'the app to run', join(PROJECT, 'examples/acme-support/app.ts'))
    .addOption(port('--ui-port', 'of the Temporal UI', USUAL_PORTS.ui))
    .addOption(port('--temporal-port', 'of Temporal', USUAL_PORTS.temporal))
    .addOption(port('--http-port', 'of the HTTP API', USUAL_PORTS.http))
    .addOption(port('--postgres-port', 'of PostgreSQL', USUAL_PORTS.postgres))
    .addHelpText(
      'after',
      `\nExamples:\n  $ npm start\n  $ npm start -- --mailbox ~/Mail/support --brain worst-case\n  $ npm start -- --tour\n\nEnvironment: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, DATABASE_URL, REMIT_SMTP_URL, REMIT_HOME`,
    )
    .action(async (options: Options) => finish(await run(io, options)));
}

function port(flag: string, whose: string, usual: number): Option {
  return new Option(`${flag} <port>`, `port ${whose}; the next free one if it is taken, any for 0`)
    .default(usual)
    .argParser((text) => {
      const number = Number(text);
      if (Number.isInteger(number) && number >= 0 && number < 65_536) return number;
      throw new CliError(EXIT.usage, `\`${text}\` is no port`);
    });
}

async function run(io: Io, options: Options): Promise<ExitCode> {
  const home = homeOf(io.env);
  const appFile = resolve(options.app);
  if (options.tour === true) return tour(io, { home: join(home, 'tour'), ports: ANY_PORTS, appFile });
  const mailboxDir = folder(io, options.mailbox);
  const started = { home, ports: portsOf(options), appFile, mailboxDir };
  return withStack(io, started, (stack, signal) => work(io, options, stack, signal));
}

/** Relative to where the person is, also when npm has moved us. */
function folder(io: Io, given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const dir = resolve(io.env['INIT_CWD'] ?? process.cwd(), given);
  if (!existsSync(dir)) throw new CliError(EXIT.usage, `there is no folder ${dir} for --mailbox`);
  return dir;
}

function portsOf({ uiPort: ui, temporalPort: temporal, httpPort: http, postgresPort: postgres }: Options): Ports {
  return { ui, temporal, http, postgres, smtp: USUAL_PORTS.smtp };
}

async function work(io: Io, { jobs, brain }: Options, stack: Stack, signal: AbortSignal): Promise<ExitCode> {
  const { remit, addresses } = stack;
  const tell = (lines: readonly string[]): void => ['', ...lines].forEach(io.out);
  tell(['Remit is up, for this machine alone:', ...addressLines(addresses)]);
  if (jobs) {
    const taken = await takeIn(remit, { brain, signal });
    tell(intakeLines(taken));
    io.out('The jobs are at work ...');
    const busy = await settled(
      remit,
      taken.started.map(({ workflowId }) => workflowId),
      signal,
      PATIENCE_MS,
    );
    if (busy > 0 && !signal.aborted) io.out(`${busy} jobs are still at work; see \`npm run -s remit -- jobs\``);
  }
  if (signal.aborted) return EXIT.ok;
  tell(await waitingLines(remit, addresses, io));
  const [first] = await remit.ledger.run((db) =>
    db.selectFrom('approval_request').select('workflow_id').where('state', '=', 'open').limit(1).execute(),
  );
  tell(nextLines(addresses, first?.workflow_id, io));
  const broken = Promise.race([remit.ended().then(() => 'the Worker'), untilOneFalls(stack, signal)]);
  return Promise.race([asked(signal).then(() => EXIT.ok), broken.then((name) => ended(io, signal, name))]);
}

function ended(io: Io, signal: AbortSignal, name: string): ExitCode {
  if (signal.aborted) return EXIT.ok;
  io.err(`${name} has ended by itself; the logs say why. \`npm start\` picks up from here`);
  return EXIT.failed;
}
