import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../../src/cli/program.ts';
import type { ExitCode } from '../../src/cli/exit-code.ts';
import { createApi } from '../../src/server/api.ts';
import { serve } from '../../src/server/serve.ts';
import { writeRunning } from '../../src/stack/run-file.ts';
import type { Desk } from './desk.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** The HTTP API of a desk, as a client with the token sees it, and the command line beside it. */
export interface Served {
  readonly url: string;
  readonly token: string;
  /** What the server reported as unexpected. */
  readonly reported: unknown[];
  readonly get: (path: string) => Promise<Answer>;
  readonly post: (path: string, body: unknown) => Promise<Answer>;
  readonly cli: (...argv: readonly string[]) => Promise<Ran>;
  readonly close: () => Promise<void>;
}

/** A finished command line. */
export interface Ran {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

export async function serveDesk({ remit }: Desk): Promise<Served> {
  const token = 'the-token-of-this-test';
  const reported: unknown[] = [];
  const addresses: Record<string, string> = { temporalUi: 'http://127.0.0.1:1' };
  const api = createApi({ remit, token, addresses, namespace: 'default', report: (error) => reported.push(error) });
  const serving = await serve(api, 0);
  addresses['server'] = serving.url;
  const home = await mkdtemp(join(tmpdir(), 'remit-home-'));
  writeRunning(home, { addresses, token });
  const ask = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const asked = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(`${serving.url}${path}`, asked);
    return { status: response.status, body: await response.json() };
  };
  return {
    url: serving.url,
    token,
    reported,
    get: (path) => ask('GET', path),
    post: (path, body) => ask('POST', path, body),
    cli: (...argv) => runRemit(argv, { REMIT_HOME: home }),
    close: async () => {
      await serving.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Runs one command line in this process. */
export async function runRemit(argv: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(argv, { out: (line) => out.push(line), err: (line) => err.push(line), env });
  return { code, out: out.join('\n'), err: err.join('\n') };
}
