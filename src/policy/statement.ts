import { z } from 'zod';
import { ConditionSchema } from './condition.ts';
import {
  type ActionShape,
  LevelSchema,
  RecordNameSchema,
  ValueTypeSchema,
  type Verb,
  VerbSchema,
} from './vocabulary.ts';

/** An id people can say: `send-order-status`. */
export const StatementIdSchema = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words joined by hyphens');

/** One verb, several, or `any`; only gates and forbids may name more than one. */
const VerbsSchema = z.union([z.literal('any'), VerbSchema, z.array(VerbSchema).min(1)]);
/** `mailbox.reply`, every record of a system (`mailbox.*`), or every record (`*`); only gates and forbids may use a star. */
const RecordPatternSchema = z
  .string()
  .regex(/^(\*|[a-z][A-Za-z0-9]*\.(\*|[a-z][A-Za-z0-9]*))$/, 'must look like system.record, system.* or *');

/** One verb on one record: nothing is inherited and nothing merges. `fields: []` means none. */
export const PermitSchema = z
  .strictObject({
    id: StatementIdSchema,
    says: z.string().optional(),
    verb: VerbSchema,
    record: RecordNameSchema,
    fields: z.array(z.string()).optional(),
    when: ConditionSchema.optional(),
  })
  .readonly();
export type Permit = z.infer<typeof PermitSchema>;

const NarrowingShape = {
  id: StatementIdSchema,
  verb: VerbsSchema,
  record: RecordPatternSchema,
  when: ConditionSchema.optional(),
  /** Said to the agent and to the person who decides. */
  reason: z.string().min(1),
};
export const GateSchema = z.strictObject(NarrowingShape).readonly();
export type Gate = z.infer<typeof GateSchema>;
export const ForbidSchema = z.strictObject(NarrowingShape).readonly();
export type Forbid = z.infer<typeof ForbidSchema>;

/** How often, or how much in minor units, within one case or one UTC day of the charter. */
export const LimitSchema = z
  .strictObject({
    id: StatementIdSchema,
    verb: VerbSchema,
    record: RecordNameSchema,
    per: z.enum(['case', 'day']),
    atMost: z.int().nonnegative(),
    /** The attribute that is summed; left out, calls are counted. */
    sum: z.string().optional(),
    beyond: z.enum(['gate', 'deny']).default('deny'),
    reason: z.string().optional(),
  })
  .readonly();
export type Limit = z.infer<typeof LimitSchema>;

/** One job in business language. */
export const CharterSchema = z
  .strictObject({
    charter: StatementIdSchema,
    agent: StatementIdSchema,
    owner: z.string().min(1),
    purpose: z.string().min(1),
    level: LevelSchema,
    /** What whoever starts the job types in, by name. A `?` at the end of a name makes it optional. */
    case: z.record(z.string().regex(/^[a-z][A-Za-z0-9]*\??$/), ValueTypeSchema),
    permits: z.array(PermitSchema).default([]),
    gates: z.array(GateSchema).default([]),
    forbids: z.array(ForbidSchema).default([]),
    limits: z.array(LimitSchema).default([]),
    approvals: z
      .strictObject({
        expireAfterHours: z.int().positive().default(24),
        atExpiry: z.enum(['refuse', 'keep-as-draft']).default('refuse'),
      })
      .prefault({}),
  })
  .readonly();
export type Charter = z.infer<typeof CharterSchema>;

/** How sure we are of who decided, from least to most. */
export const ASSURANCES = ['unverified', 'principal', 'session', 'signed'] as const;
export const AssuranceSchema = z.enum(ASSURANCES);
export type Assurance = z.infer<typeof AssuranceSchema>;

/** Whether somebody is known well enough. */
export function assuranceSuffices(has: Assurance, needs: Assurance): boolean {
  return ASSURANCES.indexOf(has) >= ASSURANCES.indexOf(needs);
}

/** A risk class with the gate every member passes; no charter can loosen it. */
export const RiskClassSchema = z
  .strictObject({
    class: StatementIdSchema,
    says: z.string().min(1),
    /** Why it is there: `hard` for what cannot be taken back, `soft` for doubt. Both ask a person today; nothing else differs. */
    gate: z.enum(['hard', 'soft']),
    applies: z
      .array(z.strictObject({ verb: VerbsSchema, record: RecordPatternSchema, when: ConditionSchema.optional() }))
      .min(1),
    /** The least assurance a verdict on it needs. */
    assurance: AssuranceSchema.default('signed'),
  })
  .readonly();
export type RiskClass = z.infer<typeof RiskClassSchema>;

/** The organisation's file. It only narrows. */
export const HouseRulesSchema = z
  .strictObject({
    house: StatementIdSchema,
    /** `development` must be said: it may accept verdicts nobody signed. */
    profile: z.enum(['production', 'development']).default('production'),
    classes: z.array(RiskClassSchema).default([]),
    gates: z.array(GateSchema).default([]),
    forbids: z.array(ForbidSchema).default([]),
    /** The least assurance for verdicts on gates without a class, for restoring, and for starting jobs. */
    assurance: z
      .strictObject({
        verdict: AssuranceSchema.default('signed'),
        restore: AssuranceSchema.default('signed'),
        start: AssuranceSchema.default('unverified'),
      })
      .prefault({}),
  })
  .readonly();
export type HouseRules = z.infer<typeof HouseRulesSchema>;

/** What a statement is about. */
export interface Pattern {
  readonly verb: 'any' | Verb | readonly Verb[];
  readonly record: string;
}

export function matches({ verb, record }: Pattern, action: Pick<ActionShape, 'verb' | 'record'>): boolean {
  return matchesVerb(verb, action.verb) && matchesRecord(record, action.record);
}

/** Whether a statement speaks of more than one verb on one record. */
export function isWildcard({ verb, record }: Pattern): boolean {
  return record.endsWith('*') || verb === 'any' || (Array.isArray(verb) && verb.length > 1);
}

function matchesVerb(verb: Pattern['verb'], asked: Verb): boolean {
  return verb === 'any' || (typeof verb === 'string' ? verb === asked : verb.includes(asked));
}

function matchesRecord(record: string, asked: string): boolean {
  return record === '*' || record === asked || (record.endsWith('.*') && asked.startsWith(record.slice(0, -1)));
}
