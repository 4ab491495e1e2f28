import { isAbsolute, join, resolve } from 'node:path';
import { existsSync, statSync } from 'node:fs';
import { CliError, EXIT } from '../exit-code.ts';
import { PROJECT } from '../home.ts';

/** Ports to try first; 0 is any free one. */
export interface Ports {
  readonly server: number;
  readonly temporal: number;
  readonly temporalUi: number;
  readonly database: number;
  readonly smtp: number;
}

export const PORTS: Ports = { server: 7240, temporal: 7233, temporalUi: 8233, database: 54_233, smtp: 2525 };
export const ANY_PORTS: Ports = { server: 0, temporal: 0, temporalUi: 0, database: 0, smtp: 0 };

/** What `up` was asked to do, read and checked. */
export interface UpSettings {
  /** The state folder. */
  readonly home: string;
  /** Absolute path of the module whose default export is the app. */
  readonly appFile: string;
  readonly mailboxDir?: string;
  readonly brain?: string;
  /** Whether the app's own work is started. */
  readonly jobs: boolean;
  readonly ports: Ports;
  /** `host:port` of a Temporal server that is not ours to start. */
  readonly temporalAddress?: string;
  readonly namespace?: string;
  /** A PostgreSQL that is not ours to start. */
  readonly databaseUrl?: string;
  /** A mail server that is not ours to start. */
  readonly smtpUrl?: string;
  readonly temporalCli?: string;
  /** Nothing of an earlier run is seen: a new database, and Workflows that end with the server. */
  readonly fresh: boolean;
}

export const SAMPLE_APP = join(PROJECT, 'examples/acme-support/app.ts');

/** @throws CliError when there is no such folder */
export function folder(path: string, what: string): string {
  const full = isAbsolute(path) ? path : resolve(path);
  if (existsSync(full) && statSync(full).isDirectory()) return full;
  throw new CliError(EXIT.usage, `${what} \`${path}\` is not a folder`);
}

/** @throws CliError when there is no such file */
export function file(path: string, what: string): string {
  const full = resolve(path);
  if (existsSync(full) && statSync(full).isFile()) return full;
  throw new CliError(EXIT.usage, `${what} \`${path}\` is not a file`);
}

/** @throws CliError when it is no port */
export function port(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number < 65_536) return number;
  throw new CliError(EXIT.usage, `\`${text}\` is no port: give a number from 1 to 65535, or 0 for any free one`);
}
