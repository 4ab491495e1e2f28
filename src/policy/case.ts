import { z } from 'zod';
import type { Charter } from './statement.ts';
import { isStorable, readAddress } from './value.ts';
import type { Json, ValueType } from './vocabulary.ts';

const storable = (schema: z.ZodString) => schema.refine(isStorable, 'must not hold NUL or half a character');

const scalars: Readonly<Record<string, z.ZodType<Json>>> = {
  text: storable(z.string().max(10_000)),
  number: z.int(),
  money: z.int(),
  flag: z.boolean(),
  address: z
    .string()
    .max(320)
    .refine((text) => readAddress(text) !== undefined, 'must be one bare mail address'),
  domain: storable(z.string().min(1).max(253)),
  customer: storable(z.string().min(1).max(200)),
};

/** What a starter must type in, as the charter says: every name known, every type right, nothing else. */
export function caseSchemaOf(charter: Charter): z.ZodType<Record<string, Json>> {
  const shape = Object.entries(charter.case).map(([name, type]) => {
    const schema = schemaOf(type);
    return name.endsWith('?') ? [name.slice(0, -1), schema.optional()] : [name, schema];
  });
  return z.strictObject(Object.fromEntries(shape)) as unknown as z.ZodType<Record<string, Json>>;
}

function schemaOf(type: ValueType): z.ZodType<Json> {
  const scalar = scalars[type.replace('[]', '')] ?? z.never();
  return type.endsWith('[]') ? z.array(scalar).max(1_000) : scalar;
}
