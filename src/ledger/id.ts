import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** A random id people can read out: a prefix and 12 characters of 5 bits, such as `apr-7k2m9q4x1d0z`. */
export function newId(prefix: 'job' | 'apr' | 'ver' | 'dft' | 'rev' | 'body'): string {
  return `${prefix}-${[...randomBytes(12)].map((byte) => ALPHABET[byte & 31]).join('')}`;
}
