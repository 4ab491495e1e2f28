import { z } from 'zod';
import { capLevel, outcomeAt } from './level.ts';
import { type ActionShape, heldOrDenied, LevelSchema, type Outcome, type Verb } from './vocabulary.ts';

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

/** What a revocation covers: `{ kind: 'charter', value: 'order-status-replies' }`; `everything` takes no value. */
export const ScopeSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('everything') }),
    z.strictObject({
      kind: z.enum(['agent', 'charter', 'job', 'system', 'action', 'customer', 'domain']),
      value: z.string().min(1),
    }),
  ])
  .readonly();
export type Scope = z.infer<typeof ScopeSchema>;

/** A live narrowing. All live ones speak at once and the narrowest wins. */
export const RevocationSchema = z
  .strictObject({
    revocationId: z.string(),
    kind: RevocationKindSchema,
    scope: ScopeSchema,
    /** The level a `cap` caps at; it must name one. */
    level: LevelSchema.optional(),
    /** Whether an `exclude` stops reads too. */
    readsToo: z.boolean().default(false),
    reason: z.string(),
    author: z.string(),
    at: z.int(),
  })
  .readonly()
  .refine(({ kind, level }) => kind !== 'cap' || level !== undefined, {
    path: ['level'],
    error: 'a cap names a level',
  });
export type Revocation = z.infer<typeof RevocationSchema>;

/** One revocation in plain words: `cap at draft-only on agent desk-clerk: wrong prices`. */
export function revocationInWords({
  kind,
  level,
  scope,
  reason,
}: Pick<Revocation, 'kind' | 'level' | 'scope' | 'reason'>): string {
  const whom = scope.kind === 'everything' ? 'everything' : `${scope.kind} ${scope.value}`;
  return `${kind}${level === undefined ? '' : ` at ${level}`} on ${whom}: ${reason}`;
}

/** What a kind says of a verb: an outcome, what its level says, or deny only if it stops reads too. */
type RevocationEffect = Outcome | 'as-level' | 'deny-if-reads-too';
const effects = <Effect extends RevocationEffect>(effect: Effect) =>
  ({
    draft: effect,
    propose: effect,
    write: effect,
    send: effect,
    delete: effect,
    purchase: effect,
    refund: effect,
    approve: effect,
    invite: effect,
  }) as const;

/** Revocation kinds × verbs. `permit` leaves untouched; `hold` is for actions that can be drafts, for others `deny`. */
export const REVOCATION_TABLE: Readonly<Record<RevocationKind, Readonly<Record<Verb, RevocationEffect>>>> = {
  disable: { read: 'deny', ...effects('deny') },
  token: { read: 'deny', ...effects('deny') },
  'pause-outbound': {
    read: 'permit',
    ...effects('permit'),
    send: 'hold',
    invite: 'hold',
    purchase: 'hold',
    refund: 'hold',
    approve: 'hold',
  },
  cap: { read: 'as-level', ...effects('as-level') },
  exclude: { read: 'deny-if-reads-too', ...effects('deny') },
  'drop-domain': { read: 'permit', ...effects('deny') },
  'require-review': { read: 'permit', ...effects('gate') },
};

/** What a live revocation says of an action it covers. */
export function outcomeUnder(revocation: Revocation, action: ActionShape): Outcome {
  const effect = REVOCATION_TABLE[revocation.kind][action.verb];
  if (effect === 'as-level') return outcomeAt(capLevel(revocation), action);
  if (effect === 'deny-if-reads-too') return revocation.readsToo ? 'deny' : 'permit';
  return heldOrDenied(effect, action.draftable);
}
