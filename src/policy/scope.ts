import type { Truth } from './condition.ts';
import type { Spoken } from './decision.ts';
import { type PathShape, shapeOfPath, type Words } from './path.ts';
import type { AuthorizationRequest } from './request.ts';
import { outcomeUnder, type Revocation, type Scope } from './revocation.ts';
import { domainOf, elementOf, readDomain, readValue } from './value.ts';
import { type ActionShape, systemOf, type ValueType } from './vocabulary.ts';

/** Where a call says whom it concerns: the paths that hold customers, and those that hold domains or addresses. */
export interface Subjects {
  readonly customers: readonly PathShape[];
  readonly domains: readonly PathShape[];
}

export function subjectsOf(action: ActionShape, words: Words): Subjects {
  const paths = [
    ...Object.keys(action.attributes).map((name) => `attributes.${name}`),
    ...[...words.cases.keys()].map((name) => `case.${name}`),
  ];
  const shapes = paths.flatMap((path) => subjectAt(path, shapeOfPath(path, words, action)));
  const holding = (...types: ValueType[]) => shapes.filter(({ type }) => types.includes(elementOf(type)));
  return { customers: holding('customer'), domains: holding('domain', 'address') };
}

/** What a revocation has to say of a call, if it covers it and narrows at all. */
export function spokenByRevocation(
  revocation: Revocation,
  request: AuthorizationRequest,
  subjects: Subjects,
  action: ActionShape,
): Spoken | undefined {
  const outcome = outcomeUnder(revocation, action);
  if (outcome === 'permit') return undefined;
  const covered = covers(revocation.scope, request, subjects);
  if (covered === 'false') return undefined;
  const doubt = covered === 'unknown' ? ` (which ${revocation.scope.kind} this concerns is unknown)` : '';
  const reason = `${revocation.kind} by ${revocation.author}: ${revocation.reason}${doubt}`;
  return { id: `revocation:${revocation.revocationId}`, layer: 'revocation', outcome, reason };
}

/** Whether a scope covers a call. INVARIANT: whom a call concerns being unknown never lets it out of a scope. */
export function covers(scope: Scope, request: AuthorizationRequest, subjects: Subjects): Truth {
  switch (scope.kind) {
    case 'everything':
      return 'true';
    case 'agent':
      return truth(request.principal.agent === scope.value);
    case 'charter':
      return truth(request.principal.charter === scope.value);
    case 'job':
      return truth(request.principal.jobId === scope.value);
    case 'system':
      return truth(systemOf(request.record) === scope.value);
    case 'action':
      return truth(request.action === scope.value);
    case 'customer':
      return concerns(subjects.customers, request, sameCustomer(scope.value));
    case 'domain':
      return concerns(subjects.domains, request, withinDomain(scope.value));
    default:
      // A kind a newer version wrote: what we cannot read covers.
      return 'unknown';
  }
}

/** An effect that names nobody where it declares somebody is not known to concern nobody; a case the starter left out is. */
function subjectAt(path: string, shape: PathShape | undefined): readonly PathShape[] {
  if (shape === undefined) return [];
  return [path.startsWith('case.') ? shape : { ...shape, read: (request) => shape.read(request) ?? undefined }];
}

const truth = (holds: boolean): Truth => (holds ? 'true' : 'false');

/** True if one value is meant, else unknown if one cannot be read. A value known to be none concerns nobody. */
function concerns(
  shapes: readonly PathShape[],
  request: AuthorizationRequest,
  isMeant: (value: string) => Truth,
): Truth {
  let answer: Truth = 'false';
  for (const { type, read } of shapes) {
    const sight = read(request);
    if (sight === null) continue;
    const value = readValue(type, sight);
    if (value === undefined) answer = 'unknown';
    for (const one of value === undefined ? [] : Array.isArray(value) ? value : [value]) {
      const meant = isMeant(one);
      if (meant === 'true') return 'true';
      if (meant === 'unknown') answer = 'unknown';
    }
  }
  return answer;
}

function sameCustomer(customer: string): (value: string) => Truth {
  const plain = (text: string) => text.trim().toLowerCase();
  return (value) => truth(plain(value) === plain(customer));
}

/** The domain itself and everything under it. One that cannot be compared covers all. */
function withinDomain(domain: string): (value: string) => Truth {
  const dropped = readDomain(domain.trim().replace(/^@/, ''));
  if (dropped === undefined) return () => 'unknown';
  return (value) => truth(`.${domainOf(value)}`.endsWith(`.${dropped}`));
}
