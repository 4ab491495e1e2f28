import type { z } from 'zod';
import { sha256 } from './canonical.ts';
import { GENESIS, link } from './chain.ts';
import { AuditEntrySchema } from './entry.ts';
import type { AuditEntry } from './entry.ts';

/** One row of a chain as the ledger has it. */
export interface StoredEntry {
  readonly seq: number;
  readonly kind: string;
  readonly at: number;
  /** RFC 8785 text. */
  readonly entry: string;
  readonly hash: Buffer;
}

export interface StoredBody {
  readonly bodyId: string;
  readonly salt: string;
  /** `null` once erased. */
  readonly content: string | null;
}

export type Verification =
  | { readonly ok: true; readonly entries: number; readonly erasedBodies: number }
  | { readonly ok: false; readonly seq: number; readonly problem: string };

/** Where the chain says it ends. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: Buffer;
}

/** Recomputes a chain from its first row and names the first bad one. */
export function verifyChain(
  rows: readonly StoredEntry[],
  bodies: ReadonlyMap<string, StoredBody>,
  head: ChainHead,
): Verification {
  let hash: Buffer = GENESIS;
  let erasedBodies = 0;
  for (const [index, row] of rows.entries()) {
    const problem = row.seq === index + 1 ? problemIn(row, hash, bodies) : `row ${index + 1} is missing`;
    if (problem !== undefined) return { ok: false, seq: index + 1, problem };
    erasedBodies += bodyOf(row, bodies)?.content === null ? 1 : 0;
    hash = row.hash;
  }
  if (head.seq !== rows.length || !head.hash.equals(hash))
    return {
      ok: false,
      seq: rows.length + 1,
      problem: `the chain says it has ${head.seq} rows and another end; rows were cut off or added`,
    };
  return { ok: true, entries: rows.length, erasedBodies };
}

function problemIn(row: StoredEntry, previous: Buffer, bodies: ReadonlyMap<string, StoredBody>): string | undefined {
  if (!link(previous, row.seq, row.entry).equals(row.hash))
    return 'the hash does not follow from the row before and this entry';
  const entry = readEntry(row.entry);
  if (!entry.success) return 'the entry is not one of the eight kinds';
  if (entry.data.kind !== row.kind || entry.data.at !== row.at)
    return 'the columns beside the entry say something else than the entry';
  return bodyProblem(entry.data, bodies);
}

function bodyProblem(entry: AuditEntry, bodies: ReadonlyMap<string, StoredBody>): string | undefined {
  const reference = 'body' in entry ? entry.body : undefined;
  if (reference === undefined) return undefined;
  const body = bodies.get(reference.bodyId);
  if (body === undefined) return `body \`${reference.bodyId}\` is gone; erasing keeps its row`;
  if (body.content !== null && bodyDigest(body.salt, body.content) !== reference.digest)
    return `body \`${reference.bodyId}\` was changed`;
  return undefined;
}

function bodyOf(row: StoredEntry, bodies: ReadonlyMap<string, StoredBody>): StoredBody | undefined {
  const { data } = readEntry(row.entry);
  return data !== undefined && 'body' in data && data.body !== undefined ? bodies.get(data.body.bodyId) : undefined;
}

/** Text that is not JSON is no entry either. */
function readEntry(text: string): z.ZodSafeParseResult<AuditEntry> {
  try {
    return AuditEntrySchema.safeParse(JSON.parse(text));
  } catch {
    return AuditEntrySchema.safeParse(undefined);
  }
}

/** SHA-256 of salt and content, lower-case hex. */
export function bodyDigest(salt: string, content: string): string {
  return sha256(salt, content).toString('hex');
}
