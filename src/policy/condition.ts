import { z } from 'zod';

/** Comparisons that take a literal, a list, or the path of another value. No regex, no arithmetic, no floats. */
export const OPERATORS = [
  'is',
  'in',
  'notIn',
  'atMost',
  'atLeast',
  'subsetOf',
  'intersects',
  'present',
  'sameAs',
  'within',
] as const;
export const OperatorSchema = z.enum(OPERATORS);
export type Operator = z.infer<typeof OperatorSchema>;

const ScalarSchema = z.union([z.string(), z.int(), z.boolean()]);
export type Scalar = z.infer<typeof ScalarSchema>;

/** `attributes.recipient`, `case.sender`, `facts.recipientIsCustomer`, `past.labels`, `past.labels.untrusted` (a flag), `past.counts.send mailbox.reply`, `now.hour`. */
export const PathSchema = z
  .string()
  .regex(/^(attributes|case|facts|past|now)\..+$/, 'must start with attributes., case., facts., past. or now.');

/** One comparison: the value at `path` against `operand`. */
export interface Clause {
  readonly path: string;
  readonly operator: Operator;
  /** A scalar, a list of scalars (`in`, `notIn`, `subsetOf`, `intersects`), a path (`sameAs`) or a limit id (`within`). */
  readonly operand: Scalar | readonly Scalar[];
}

/** As written: `{ 'attributes.recipient': { sameAs: 'case.sender' } }`; all clauses must hold. */
export const ConditionSchema = z
  .record(PathSchema, z.partialRecord(OperatorSchema, z.union([ScalarSchema, z.array(ScalarSchema)])))
  .readonly();
export type Condition = z.infer<typeof ConditionSchema>;

/** Three-valued: a missing value makes a clause unknown, never false. */
export type Truth = 'true' | 'false' | 'unknown';
