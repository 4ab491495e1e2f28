import type { Json, ValueType } from './vocabulary.ts';

/** A value as conditions compare it: checked against its type, addresses and domains in one spelling. */
export type Value = string | number | boolean | readonly string[];

/** The value as its type reads it; `undefined` when it is not of that type, which makes whatever rests on it unknown. */
export function readValue(type: ValueType, json: unknown): Value | undefined {
  if (isListType(type)) return readList(elementOf(type), json);
  return readScalar(type, json);
}

export function isListType(type: ValueType): boolean {
  return type.endsWith('[]');
}

/** The type of one element of a list; a scalar type is its own. */
export function elementOf(type: ValueType): ValueType {
  return (isListType(type) ? type.slice(0, -2) : type) as ValueType;
}

export function isNumeric(type: ValueType): boolean {
  return type === 'number' || type === 'money';
}

function readList(type: ValueType, json: unknown): readonly string[] | undefined {
  if (!Array.isArray(json)) return undefined;
  const values: string[] = [];
  for (const item of json) {
    const value = readScalar(type, item);
    if (typeof value !== 'string') return undefined;
    values.push(value);
  }
  return values;
}

function readScalar(type: ValueType, json: unknown): Exclude<Value, readonly string[]> | undefined {
  if (isNumeric(type)) return Number.isSafeInteger(json) ? (json as number) : undefined;
  if (type === 'flag') return typeof json === 'boolean' ? json : undefined;
  if (typeof json !== 'string') return undefined;
  if (type === 'address') return readAddress(json);
  if (type === 'domain') return readDomain(json);
  return type === 'customer' && json.trim() === '' ? undefined : json;
}

/** Text that PostgreSQL and RFC 8785 both keep exactly: no NUL, no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

const DOMAIN = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;

/**
 * A domain in lower case without its final dot. Names outside ASCII are unknown rather than compared: look-alikes and
 * spellings that a resolver would fold must not slip past a forbid.
 */
export function readDomain(text: string): string | undefined {
  const plain = text.endsWith('.') ? text.slice(0, -1) : text;
  return DOMAIN.test(plain) ? plain.toLowerCase() : undefined;
}

const LOCAL_PART = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+$/;

/** A bare address (`dana@acme.example`, never `Dana <dana@…>`) in lower case: no mailbox in use tells capitals apart. */
export function readAddress(text: string): string | undefined {
  const at = text.lastIndexOf('@');
  const domain = readDomain(text.slice(at + 1));
  const local = text.slice(0, Math.max(at, 0));
  return domain !== undefined && LOCAL_PART.test(local) ? `${local.toLowerCase()}@${domain}` : undefined;
}

/** The domain a normalised address or domain belongs to. */
export function domainOf(addressOrDomain: string): string {
  return addressOrDomain.slice(addressOrDomain.lastIndexOf('@') + 1);
}

/** A value in words, short enough for a sentence. */
export function valueInWords(json: Json | undefined): string {
  if (json === undefined) return 'unknown';
  if (json === null) return 'nothing';
  if (Array.isArray(json)) return json.length === 0 ? 'an empty list' : json.slice(0, 8).map(valueInWords).join(', ');
  const text = typeof json === 'string' ? json : typeof json === 'object' ? 'an object' : String(json);
  return `\`${text.length > 80 ? `${text.slice(0, 79)}…` : text}\``;
}
