import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { RemitError } from '../policy/error.ts';
import type { Json } from '../policy/vocabulary.ts';

const MAX_SAFE = Number.MAX_SAFE_INTEGER;

/** Plain JSON whose numbers survive a round trip: no `undefined`, no Map, no integers beyond 2^53 - 1. */
export const JsonSchema: z.ZodType<Json> = z.lazy(() =>
  z.union([
    z.string(),
    z.boolean(),
    z.null(),
    z
      .number()
      .refine(
        (value) => !Number.isInteger(value) || Math.abs(value) <= MAX_SAFE,
        'larger than 2^53 - 1: send it as text',
      ),
    z.array(JsonSchema),
    z.record(z.string(), JsonSchema),
  ]),
);

export class NotCanonicalError extends RemitError {
  override readonly name = 'NotCanonicalError';
  readonly code = 'NOT_CANONICAL';
}

/**
 * The RFC 8785 form of a value that must be plain JSON.
 *
 * @throws {@link NotCanonicalError} for anything JSON cannot carry exactly, which `canonicalize` alone would drop or bend
 * @see RFC 8785
 */
export function canonical(value: unknown): string {
  requirePlain(value, '$');
  const text = canonicalize(value);
  if (text === undefined) throw new NotCanonicalError('nothing to canonicalize');
  return text;
}

/** SHA-256 of the RFC 8785 form, lower-case hex, 64 characters. */
export function digestOf(value: unknown): string {
  return sha256(canonical(value)).toString('hex');
}

export function sha256(...parts: readonly (string | Buffer)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function requirePlain(value: unknown, path: string): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number') return requireExact(value, path);
  if (Array.isArray(value)) return value.forEach((item, index) => requirePlain(item, `${path}[${index}]`));
  if (typeof value !== 'object' || !isPlain(value)) throw new NotCanonicalError(`\`${path}\` is not plain JSON`);
  for (const [key, item] of Object.entries(value)) requirePlain(item, `${path}.${key}`);
}

function requireExact(value: number, path: string): void {
  if (!Number.isFinite(value) || (Number.isInteger(value) && Math.abs(value) > MAX_SAFE))
    throw new NotCanonicalError(`\`${path}\` is a number JSON cannot carry exactly`);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.getOwnPropertySymbols(value).length === 0;
}
