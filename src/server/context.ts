import type { Context, MiddlewareHandler } from 'hono';
import type { z } from 'zod';
import type { By } from '../audit/entry.ts';
import { isStorable } from '../policy/value.ts';
import { ApiError } from './api-error.ts';
import { problemInWords } from './problem.ts';
import type { Remit } from './remit.ts';

/** What the HTTP API works with. */
export interface ApiContext {
  readonly remit: Remit;
  /** The start-up token; whoever has it is the local session. */
  readonly token: string;
  /** What is where, by name, as the run file has it. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly namespace: string;
  readonly report: (error: unknown) => void;
}

/** The body, by a strict schema. @throws ApiError naming each field that does not fit */
export async function bodyOf<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const json: unknown = await c.req.json().catch(() => {
    throw new ApiError(400, 'REQUEST_REJECTED', 'the body must be JSON');
  });
  if (!isStorableJson(json)) throw notStorable();
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  const problems = read.error.issues.map((issue) => problemInWords(issue, json));
  throw new ApiError(400, 'REQUEST_REJECTED', problems.join('; '));
}

/** What a path or a query says goes to the ledger too. */
export const storableUrl: MiddlewareHandler = async (c, next) => {
  if (!Object.values(c.req.query()).concat(decoded(c.req.path)).every(isStorable)) throw notStorable();
  await next();
};

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new ApiError(400, 'REQUEST_REJECTED', 'the path is not well encoded');
  }
}

function isStorableJson(json: unknown): boolean {
  if (typeof json === 'string') return isStorable(json);
  if (typeof json !== 'object' || json === null) return true;
  return Object.entries(json).every(([name, value]) => isStorable(name) && isStorableJson(value));
}

function notStorable(): ApiError {
  return new ApiError(
    400,
    'REQUEST_REJECTED',
    'text must not hold NUL or half a character: it could not be kept exactly',
  );
}

/**
 * The person behind a request: who they say they are, known by the local session's token.
 *
 * @throws ApiError when the name is an agent's: requester, agent and reviewer are distinct
 */
export function personOf(c: Context, { remit }: ApiContext, name: string): By {
  const { policies } = remit.port;
  const isAgent = policies.charters().some((charter) => policies.lastKnown(charter).policy.charter.agent === name);
  if (isAgent) throw new ApiError(403, 'AGENT_IS_NO_PERSON', `\`${name}\` is an agent; a person decides`);
  return { name, assurance: 'session', door: c.req.header('x-remit-door') === 'cli' ? 'cli' : 'http' };
}

/** Where a Workflow is seen in the Temporal UI, if we know of one. */
export function workflowUrl({ addresses, namespace }: ApiContext, workflowId: string): { readonly url?: string } {
  const ui = addresses['temporalUi'];
  return ui === undefined ? {} : { url: `${ui}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}` };
}
