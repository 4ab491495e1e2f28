import type { z } from 'zod';
import { readRunning } from '../stack/run-file.ts';
import { ErrorSchema } from '../server/api-types.ts';
import { CliError, EXIT } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';

/** The HTTP API of the Remit that runs on a state folder. */
export class RemitClient {
  readonly #server: string;
  readonly #token: string;

  private constructor(server: string, token: string) {
    this.#server = server;
    this.#token = token;
  }

  /** @throws CliError when none runs there */
  static on(home: string): RemitClient {
    const running = readRunning(home);
    const server = running?.addresses['server'];
    if (running === undefined || server === undefined)
      throw new CliError(EXIT.unreachable, `Remit is not running on ${home}; start it with \`npm start\``);
    return new RemitClient(server, running.token);
  }

  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return this.#ask('GET', path, schema);
  }

  async post<T>(path: string, schema: z.ZodType<T>, body: unknown): Promise<T> {
    return this.#ask('POST', path, schema, JSON.stringify(body));
  }

  async #ask<T>(method: string, path: string, schema: z.ZodType<T>, body?: string): Promise<T> {
    const headers = {
      authorization: `Bearer ${this.#token}`,
      'content-type': 'application/json',
      'x-remit-door': 'cli',
    };
    const response = await fetch(`${this.#server}/api/${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    }).catch(() => {
      throw new CliError(EXIT.unreachable, `Remit does not answer at ${this.#server}`);
    });
    const json: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw asCliError(response.status, json);
    return schema.parse(json);
  }
}

const CODES: Readonly<Record<number, ExitCode>> = {
  400: EXIT.usage,
  403: EXIT.denied,
  404: EXIT.notFound,
  409: EXIT.denied,
  413: EXIT.usage,
};

function asCliError(status: number, json: unknown): CliError {
  const told = ErrorSchema.safeParse(json);
  const message = told.success
    ? `${told.data.error.message} (${told.data.error.code})`
    : `the server answered ${status}`;
  return new CliError(CODES[status] ?? EXIT.failed, message);
}

/** `jobs` and `order 1` as one path. */
export function path(...parts: readonly string[]): string {
  return parts.map(encodeURIComponent).join('/');
}
