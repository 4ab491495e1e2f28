import { canonical, sha256 } from './canonical.ts';
import { AuditEntrySchema } from './entry.ts';
import type { AuditEntry } from './entry.ts';

/** The hash before the first link. */
export const GENESIS = Buffer.alloc(32);

/** The text that is stored and hashed: RFC 8785 of an entry its strict schema has read. */
export function entryText(entry: AuditEntry): string {
  return canonical(AuditEntrySchema.parse(entry));
}

/**
 * `hash(n) = SHA-256(hash(n-1) ‖ n as 8 bytes big-endian ‖ SHA-256(entry text))`; the ledger's `remit.append_audit`
 * computes the same under the chain's row lock.
 */
export function link(previous: Buffer, seq: number, text: string): Buffer {
  const position = Buffer.alloc(8);
  position.writeBigInt64BE(BigInt(seq));
  return sha256(previous, position, sha256(text));
}
