import { z } from 'zod';

/** The ten verbs. They stay apart: a grant of one never carries another. */
export const VERBS = [
  'read',
  'draft',
  'propose',
  'write',
  'send',
  'delete',
  'purchase',
  'refund',
  'approve',
  'invite',
] as const;
export const VerbSchema = z.enum(VERBS);
export type Verb = z.infer<typeof VerbSchema>;

/** From widest to narrowest; the narrowest of all layers is what happens. */
export const OUTCOMES = ['permit', 'gate', 'hold', 'deny'] as const;
export const OutcomeSchema = z.enum(OUTCOMES);
export type Outcome = z.infer<typeof OutcomeSchema>;

/** Autonomy, from narrowest to widest. A level never widens what a charter permits. */
export const LEVELS = ['read-only', 'draft-only', 'low-risk-writes', 'selected-sends', 'high-impact'] as const;
export const LevelSchema = z.enum(LEVELS);
export type Level = z.infer<typeof LevelSchema>;

export const RISKS = ['low', 'medium', 'high'] as const;
export const RiskSchema = z.enum(RISKS);
export type Risk = z.infer<typeof RiskSchema>;

/** Where content comes from decides how far it is believed; `sensitive` says who it could hurt. */
export const LABELS = ['trusted', 'untrusted', 'sensitive'] as const;
export const LabelSchema = z.enum(LABELS);
export type Label = z.infer<typeof LabelSchema>;

/** `system.record`, such as `mailbox.reply`. */
export const RecordNameSchema = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]*\.[a-z][A-Za-z0-9]*$/, 'must look like system.record');

/**
 * The types a condition can be checked against. `money` is an integer in minor units; `address`, `domain` and `customer`
 * are texts a revocation can name (drop a domain, exclude a customer); a trailing `[]` is a list of them.
 */
export const VALUE_TYPES = [
  'text',
  'number',
  'money',
  'flag',
  'address',
  'domain',
  'customer',
  'text[]',
  'address[]',
  'domain[]',
  'customer[]',
] as const;
export const ValueTypeSchema = z.enum(VALUE_TYPES);
export type ValueType = z.infer<typeof ValueTypeSchema>;

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What the policy knows of an action: enough to check a charter against, nothing of how it is done. */
export interface ActionShape {
  readonly name: string;
  readonly verb: Verb;
  readonly record: string;
  readonly risk: Risk;
  /** Whether a held call can be kept as a draft that a person sends later. */
  readonly draftable: boolean;
  /** The fields a read can return; empty for anything but reads. */
  readonly fields: readonly string[];
  readonly attributes: Readonly<Record<string, ValueType>>;
}

/** What the policy knows of a fact. One that a model derived may only narrow. */
export interface FactShape {
  readonly name: string;
  readonly type: ValueType;
  readonly origin: 'records' | 'model';
}

/** The words a charter may use: the registered actions and facts. */
export interface Vocabulary {
  readonly actions: readonly ActionShape[];
  readonly facts: readonly FactShape[];
}

/** INVARIANT: the narrowest of the given outcomes, `deny` for none or for a word it does not know; more words never widen it. */
export function narrowest(outcomes: Iterable<Outcome>): Outcome {
  let rank = -1;
  for (const outcome of outcomes) {
    const next = OUTCOMES.indexOf(outcome);
    if (next === -1) return 'deny';
    if (next > rank) rank = next;
  }
  return OUTCOMES[rank] ?? 'deny';
}

/** What becomes of a call that must not happen now: a sendable draft where the action can be one, else nothing. */
export function heldOrDenied(outcome: Outcome, draftable: boolean): Outcome {
  return outcome === 'hold' && !draftable ? 'deny' : outcome;
}

/** The system part of `system.record`. */
export function systemOf(record: string): string {
  return record.slice(0, record.indexOf('.'));
}
