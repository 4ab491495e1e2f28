import { z } from 'zod';
import { LevelSchema } from './vocabulary.ts';

export const REVOCATION_KINDS = [
  'disable',
  'token',
  'pause-outbound',
  'cap',
  'exclude',
  'drop-domain',
  'require-review',
] as const;
export const RevocationKindSchema = z.enum(REVOCATION_KINDS);
export type RevocationKind = z.infer<typeof RevocationKindSchema>;

export const SCOPE_KINDS = ['everything', 'agent', 'charter', 'job', 'system', 'action', 'customer', 'domain'] as const;

/** What a revocation covers: `{ kind: 'charter', value: 'order-status-replies' }`; `everything` takes no value. */
export const ScopeSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('everything') }),
    z.strictObject({ kind: z.enum(['agent', 'charter', 'job', 'system', 'action', 'customer', 'domain']), value: z.string().min(1) }),
  ])
  .readonly();
export type Scope = z.infer<typeof ScopeSchema>;

/** A live narrowing. All live ones speak at once and the narrowest wins. */
export const RevocationSchema = z
  .strictObject({
    revocationId: z.string(),
    kind: RevocationKindSchema,
    scope: ScopeSchema,
    /** The level a `cap` caps at. */
    level: LevelSchema.optional(),
    /** Whether an `exclude` stops reads too. */
    readsToo: z.boolean().default(false),
    reason: z.string(),
    author: z.string(),
    at: z.int(),
  })
  .readonly();
export type Revocation = z.infer<typeof RevocationSchema>;
