import type { z } from 'zod';

/** What is wrong with one field, as the person who typed it reads it: `` `case.friend` is missing ``. */
export function problemInWords(issue: z.core.$ZodIssue, typed: unknown, under?: string): string {
  const { path, message } = issue;
  if (path.length === 0) return typed === undefined ? 'it is missing' : message;
  const name = `\`${[...(under === undefined ? [] : [under]), ...path].join('.')}\``;
  if (issue.code !== 'custom' && valueAt(typed, path) === undefined) return `${name} is missing`;
  return message.startsWith('is ') ? `${name} ${message}` : `${name}: ${message}`;
}

function valueAt(typed: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    typed,
  );
}
