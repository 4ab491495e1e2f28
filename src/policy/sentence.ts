import { truthOf, wantedInWords } from './clause.ts';
import type { CompiledPermit } from './compile.ts';
import type { Decision, NearMiss } from './decision.ts';
import type { AuthorizationRequest, LiveState } from './request.ts';
import type { Charter } from './statement.ts';
import { valueInWords } from './value.ts';

/** Which clauses kept which permits silent: what they wanted, and what they found. */
export function nearMissesOf(
  permits: readonly CompiledPermit[],
  request: AuthorizationRequest,
  live: LiveState,
): readonly NearMiss[] {
  return permits
    .filter(({ clauses }) => truthOf(clauses, request, live) !== 'true')
    .flatMap(({ id, clauses }) =>
      clauses
        .filter((clause) => clause.test(request, live) !== 'true')
        .map((clause) => ({
          permit: id,
          path: clause.path,
          operator: clause.operator,
          wanted: wantedInWords(clause),
          found: valueInWords(clause.sight(request)),
        })),
    );
}

type Told = Pick<Decision, 'outcome' | 'determining'>;

/** One plain sentence for the agent and for people. */
export function sentenceOf(
  { verb, record }: Pick<AuthorizationRequest, 'verb' | 'record'>,
  { agent }: Charter,
  { outcome, determining }: Told,
  nearMisses: () => readonly NearMiss[],
): string {
  const why = determining.map(({ reason }) => reason).join('; ');
  const what = `${verb} ${record}`;
  if (outcome === 'permit') return `${agent} may ${what}: ${why}.`;
  if (outcome === 'gate') return `${agent} may ${what} once a person approves: ${why}.`;
  if (outcome === 'hold') return `${agent} may not ${what} now, so it is kept as a draft: ${why}.`;
  const silent = determining.some(({ id }) => id === 'default:deny');
  return `${agent} may not ${what}: ${why}${silent ? missesInWords(nearMisses()) : ''}.`;
}

function missesInWords(misses: readonly NearMiss[]): string {
  return misses
    .slice(0, 3)
    .map(({ permit, path, wanted, found }) => `; \`${permit}\` would, if \`${path}\` ${wanted}, but it is ${found}`)
    .join('');
}
