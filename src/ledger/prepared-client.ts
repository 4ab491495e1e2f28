import pg from 'pg';
import { sha256 } from '../audit/canonical.ts';

/** How many different statements one connection keeps prepared; lists of varying length would go on for ever. */
const MOST_PREPARED = 200;

const names = new Map<string, string>();

/**
 * A connection that prepares what it is asked: every decision sends the same few statements, and PostgreSQL then
 * parses and plans each once a connection.
 */
export class PreparedClient extends pg.Client {
  // oxlint-disable-next-line typescript/no-explicit-any -- pg overloads `query` eight ways; all but one pass through as they are
  override query(...args: any[]): any {
    const [text, values, ...rest] = args as [unknown, unknown, ...unknown[]];
    const name = typeof text === 'string' && Array.isArray(values) && values.length > 0 ? nameOf(text) : undefined;
    const query = super.query as (...all: unknown[]) => unknown;
    return name === undefined ? query.apply(this, args) : query.apply(this, [{ name, text, values }, ...rest]);
  }
}

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MOST_PREPARED) return known;
  const name = `remit_${sha256(text).toString('hex').slice(0, 24)}`;
  names.set(text, name);
  return name;
}
