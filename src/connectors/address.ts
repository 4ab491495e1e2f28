import { domainToASCII } from 'node:url';
import { z } from 'zod';

const LOCAL_PART = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const DOMAIN = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/**
 * The one way an address is written here: lower case, its domain in punycode, so a lookalike is seen and compared as
 * what it is.
 *
 * INVARIANT: what passes holds exactly one address: no display name, comment, list, quoting, space or line break.
 *
 * @returns `undefined` when the text is anything but one plain address
 */
export function normalAddress(text: string): string | undefined {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(at, 0));
  if (!LOCAL_PART.test(local) || local.length > 64 || /[^\p{L}\p{N}.-]/u.test(text.slice(at + 1))) return undefined;
  const domain = domainToASCII(text.slice(at + 1)).toLowerCase();
  return DOMAIN.test(domain) ? `${local.toLowerCase()}@${domain}` : undefined;
}

/** One plain address in an action's payload; rejected rather than repaired. */
export const AddressSchema = z
  .string()
  .max(320)
  .refine(
    (text) => normalAddress(text) !== undefined,
    'must be one plain address, without a display name or line break',
  );

/** The domain of an address, in punycode; `undefined` when the text is not an address. */
export function domainOf(address: string): string | undefined {
  return normalAddress(address)?.split('@')[1];
}

/** An address of a payload that {@link AddressSchema} has read, as it is compared, shown and sent. */
export function plain(address: string): string {
  const normal = normalAddress(address);
  if (normal === undefined) throw new TypeError(`\`${address}\` is not one plain address`);
  return normal;
}
