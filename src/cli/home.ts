import { existsSync } from 'node:fs';
import { delimiter, dirname, join, relative, resolve } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

export const PROJECT = resolve(import.meta.dirname, '../..');

/** The state folder: `.remit` in the project, unless REMIT_HOME says another. */
export function homeOf(env: Environment): string {
  return env['REMIT_HOME'] === undefined ? join(PROJECT, '.remit') : resolve(env['REMIT_HOME']);
}

/** The Temporal CLI that set-up found, or the one on PATH. */
export function temporalCliOf(env: Environment): string | undefined {
  const onPath = (env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'temporal'));
  const fetched = [
    join(PROJECT, '.remit/tools/temporal/bin/temporal'),
    join(PROJECT, '.remit/tools/temporal/sdk/temporal'),
  ];
  return [env['REMIT_TEMPORAL_CLI'], ...fetched, ...onPath].find(
    (path) => path !== undefined && path !== '' && existsSync(path),
  );
}

/** How a person types the Temporal CLI: by name where it is on PATH. */
export function temporalCommand(env: Environment): string {
  const path = temporalCliOf(env);
  if (path === undefined) return 'temporal';
  const isOnPath = (env['PATH'] ?? '').split(delimiter).includes(dirname(path));
  return isOnPath ? 'temporal' : short(path);
}

/** A path as a person in the project's folder types it. */
export function short(path: string): string {
  const from = relative(process.cwd(), path);
  return from.startsWith('..') || from === '' ? path : from;
}
