import { z } from 'zod';
import type { RevocationKind, Scope } from '../policy/revocation.ts';
import { REVOCATION_KINDS, ScopeSchema } from '../policy/revocation.ts';
import { readDomain } from '../policy/value.ts';
import { LEVELS, LevelSchema } from '../policy/vocabulary.ts';
import type { Level } from '../policy/vocabulary.ts';
import { PersonSchema } from './api-types.ts';

/** Levels a cap can stand at; the widest would narrow nothing. */
export const CAP_LEVELS: readonly Level[] = LEVELS.filter((level) => level !== 'high-impact');

/** What to narrow, as a client asks for it; the kind follows from the scope unless said. */
export const RevokeRequestSchema = z
  .strictObject({
    kind: z.enum(REVOCATION_KINDS).optional(),
    level: LevelSchema.optional(),
    scope: ScopeSchema,
    readsToo: z.boolean().default(false),
    reason: z.string().min(1).max(4_000),
    as: PersonSchema,
  })
  .transform((asked) => ({ ...asked, kind: asked.kind ?? kindFor(asked.scope) }))
  .superRefine((order, context) => {
    for (const { path, message } of problemsOf(order)) context.addIssue({ code: 'custom', path: [path], message });
  });
type RevokeRequest = z.infer<typeof RevokeRequestSchema>;

/** The kind that stops what the scope names. */
function kindFor({ kind }: Scope): RevocationKind {
  if (kind === 'domain') return 'drop-domain';
  return kind === 'customer' ? 'exclude' : 'cap';
}

interface Problem {
  readonly path: 'kind' | 'level' | 'scope' | 'readsToo';
  readonly message: string;
}

/** INVARIANT: what would stop nothing is never answered like a revocation. */
function problemsOf({ kind, level, scope, readsToo }: Omit<RevokeRequest, 'reason' | 'as'>): readonly Problem[] {
  const problems: readonly (Problem | false)[] = [
    kind === 'exclude' &&
      scope.kind !== 'customer' && { path: 'kind', message: `exclude takes a customer, not ${inWords(scope)}` },
    kind === 'drop-domain' &&
      scope.kind !== 'domain' && { path: 'kind', message: `drop-domain takes a domain, not ${inWords(scope)}` },
    scope.kind === 'domain' &&
      readDomain(scope.value) === undefined && { path: 'scope', message: `\`${scope.value}\` is no domain` },
    level !== undefined && kind !== 'cap' && { path: 'level', message: `only a cap has a level, and this is ${kind}` },
    level !== undefined &&
      !CAP_LEVELS.includes(level) && {
        path: 'level',
        message: `a cap at ${level} narrows nothing; say ${CAP_LEVELS.join(', ')}`,
      },
    readsToo && kind !== 'exclude' && { path: 'readsToo', message: `only an exclude says so, and this is ${kind}` },
  ];
  return problems.filter((problem) => problem !== false);
}

function inWords(scope: Scope): string {
  return scope.kind === 'everything' ? 'everything' : `${scope.kind} \`${scope.value}\``;
}
