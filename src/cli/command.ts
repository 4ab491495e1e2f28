import { Option } from 'commander';
import type { Command } from 'commander';
import { RemitClient } from './client.ts';
import { CliError, EXIT, EXIT_CODES_HELP } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { homeOf } from './home.ts';
import { userName } from './io.ts';
import type { Io } from './io.ts';

/** What every command is given. */
export interface Context {
  readonly io: Io;
  /** The running Remit. @throws CliError when none runs */
  readonly client: () => RemitClient;
  /** Prints an answer: as JSON where `--json` asked for it, else in words. */
  readonly print: (json: boolean | undefined, answer: unknown, lines: readonly string[]) => void;
  readonly finish: (code: ExitCode) => void;
}

export function contextOf(io: Io, finish: (code: ExitCode) => void): Context {
  return {
    io,
    finish,
    client: () => RemitClient.on(homeOf(io.env)),
    print: (json, answer, lines) =>
      json === true ? io.out(JSON.stringify(answer, undefined, 2)) : lines.forEach(io.out),
  };
}

/** Options nearly every command has, and its examples. */
export function readable(command: Command, examples: readonly string[]): Command {
  const shown = examples.map((example) => `  $ remit ${example}`).join('\n');
  return command.option('--json', 'answer in JSON').addHelpText('after', `\nExamples:\n${shown}\n${EXIT_CODES_HELP}`);
}

/** For commands that act in a person's name. */
export function personal(command: Command): Command {
  return command.addOption(
    new Option('--as <name>', 'who you are, for the record').default(userName()).argParser(nameOf),
  );
}

function nameOf(text: string): string {
  if (text.trim() === '') throw new CliError(EXIT.usage, '--as takes your name; it was empty');
  return text;
}
