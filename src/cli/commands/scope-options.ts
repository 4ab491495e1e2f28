import type { Command } from 'commander';
import type { Scope } from '../../policy/revocation.ts';
import { CliError, EXIT } from '../exit-code.ts';

const KINDS = ['job', 'agent', 'charter', 'system', 'action', 'customer', 'domain'] as const;
export type ScopeOptions = { readonly everything?: true } & { readonly [Kind in (typeof KINDS)[number]]?: string };

/** One option a kind of scope. */
export function scoped(command: Command): Command {
  for (const kind of KINDS) command.option(`--${kind} <name>`, `one ${kind}`);
  return command.option('--everything', 'all of it');
}

/** @returns the one scope that was said, or `undefined` for none. @throws CliError for two */
export function scopeOf(options: ScopeOptions): Scope | undefined {
  const said = [
    ...(options.everything === true ? [{ kind: 'everything' } as const] : []),
    ...KINDS.flatMap((kind) => (options[kind] === undefined ? [] : [{ kind, value: options[kind] } as const])),
  ];
  if (said.length > 1)
    throw new CliError(EXIT.usage, `say one scope, not ${said.map(({ kind }) => `--${kind}`).join(' and ')}`);
  return said[0];
}
