import type { Operator } from './condition.ts';
import { isListType, isNumeric, type Value } from './value.ts';
import type { ValueType } from './vocabulary.ts';

/** What an operator fits, what it is compared with, and when it holds between two values that are known. */
export interface OperatorRule {
  readonly fits: (type: ValueType) => boolean;
  readonly takes: 'scalar' | 'list' | 'flag' | 'path' | 'limit';
  /** Absent where a literal is not enough: `present`, `sameAs` and `within` need more than one value. */
  readonly holds?: (value: Value, operand: Value) => boolean;
  /** How a clause reads: ``attributes.total` is at most `500``. */
  readonly reads: string;
}

const isScalarType = (type: ValueType) => !isListType(type);
const isChoice = (type: ValueType) => isScalarType(type) && type !== 'flag';
const has = (list: Value, item: Value) => Array.isArray(list) && list.includes(item);
const listOf = (value: Value): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The closed vocabulary of comparisons, as data. */
export const OPERATOR_TABLE: Readonly<Record<Operator, OperatorRule>> = {
  is: { fits: isScalarType, takes: 'scalar', holds: (value, operand) => value === operand, reads: 'is' },
  in: { fits: isChoice, takes: 'list', holds: (value, operand) => has(operand, value), reads: 'is one of' },
  notIn: { fits: isChoice, takes: 'list', holds: (value, operand) => !has(operand, value), reads: 'is none of' },
  atMost: { fits: isNumeric, takes: 'scalar', holds: (value, operand) => value <= operand, reads: 'is at most' },
  atLeast: { fits: isNumeric, takes: 'scalar', holds: (value, operand) => value >= operand, reads: 'is at least' },
  subsetOf: {
    fits: isListType,
    takes: 'list',
    holds: (value, operand) => listOf(value).every((item) => listOf(operand).includes(item)),
    reads: 'is all among',
  },
  intersects: {
    fits: isListType,
    takes: 'list',
    holds: (value, operand) => listOf(value).some((item) => listOf(operand).includes(item)),
    reads: 'has any of',
  },
  present: { fits: () => true, takes: 'flag', reads: 'is present:' },
  sameAs: { fits: () => true, takes: 'path', reads: 'is the same as' },
  within: { fits: isNumeric, takes: 'limit', reads: 'is within limit' },
};

/** Two values of one type are the same; the order of a list says nothing. */
export function sameValue(one: Value, other: Value): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return one === other;
  return one.every((item) => other.includes(item)) && other.every((item) => one.includes(item));
}
