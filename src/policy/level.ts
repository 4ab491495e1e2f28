import type { Spoken } from './decision.ts';
import {
  type ActionShape,
  heldOrDenied,
  type Level,
  LEVELS,
  type Outcome,
  type Risk,
  RISKS,
  type Verb,
} from './vocabulary.ts';

type ByRisk = Readonly<Record<Risk, Outcome>>;
const always = (outcome: Outcome): ByRisk => ({ low: outcome, medium: outcome, high: outcome });
const upTo = (risk: Risk, beyond: Outcome): ByRisk => {
  const outcomeOf = (asked: Risk) => (RISKS.indexOf(asked) <= RISKS.indexOf(risk) ? 'permit' : beyond);
  return { low: outcomeOf('low'), medium: outcomeOf('medium'), high: outcomeOf('high') };
};

const permit = always('permit');
const gate = always('gate');
const hold = always('hold');
const deny = always('deny');

/** Levels × verbs × risk. `hold` is for actions that can be drafts; for the others it reads `deny`. */
export const LEVEL_TABLE: Readonly<Record<Level, Readonly<Record<Verb, ByRisk>>>> = {
  'read-only': {
    read: permit,
    propose: permit,
    draft: deny,
    write: deny,
    send: deny,
    delete: deny,
    purchase: deny,
    refund: deny,
    approve: deny,
    invite: deny,
  },
  'draft-only': {
    read: permit,
    propose: permit,
    draft: permit,
    write: hold,
    send: hold,
    delete: hold,
    purchase: hold,
    refund: hold,
    approve: hold,
    invite: hold,
  },
  'low-risk-writes': {
    read: permit,
    propose: permit,
    draft: permit,
    write: upTo('low', 'gate'),
    send: gate,
    delete: gate,
    purchase: gate,
    refund: gate,
    approve: gate,
    invite: gate,
  },
  'selected-sends': {
    read: permit,
    propose: permit,
    draft: permit,
    write: upTo('medium', 'gate'),
    send: upTo('medium', 'gate'),
    delete: gate,
    purchase: gate,
    refund: gate,
    approve: gate,
    invite: gate,
  },
  'high-impact': {
    read: permit,
    propose: permit,
    draft: permit,
    write: permit,
    send: permit,
    delete: permit,
    purchase: permit,
    refund: permit,
    approve: permit,
    invite: permit,
  },
};

/** What a level says of an action; never more than a charter permits. */
export function outcomeAt(level: Level, { verb, risk, draftable }: ActionShape): Outcome {
  return heldOrDenied(LEVEL_TABLE[level][verb][risk], draftable);
}

/** The narrower of two levels; one that is not a level is read as the narrowest. */
export function narrowerLevel(one: Level, other: Level): Level {
  return LEVELS[Math.min(LEVELS.indexOf(one), LEVELS.indexOf(other))] ?? 'read-only';
}

/** What a revocation may do to a level; only a `cap` does. */
interface Narrowing {
  readonly kind: string;
  readonly level?: Level | undefined;
}

/** Where a cap caps. INVARIANT: one that names no level, which no ledger of ours holds, caps at the narrowest. */
export function capLevel({ level }: Pick<Narrowing, 'level'>): Level {
  return level ?? 'read-only';
}

/** What is left of a level under the caps among the revocations given: those that cover whatever it is the level of. */
export function levelUnder(level: Level, revocations: readonly Narrowing[]): Level {
  return revocations
    .filter(({ kind }) => kind === 'cap')
    .map(capLevel)
    .reduce(narrowerLevel, level);
}

/** What a level has to say, if it narrows at all. */
export function spokenByLevel(level: Level, action: ActionShape): Spoken | undefined {
  const outcome = outcomeAt(level, action);
  if (outcome === 'permit') return undefined;
  return { id: `level:${level}`, layer: 'level', outcome, reason: reasonAt(level, outcome, action) };
}

function reasonAt(level: Level, outcome: Outcome, { verb, risk }: ActionShape): string {
  if (outcome === 'hold') return `at level ${level}, ${verb} is kept as a draft`;
  if (outcome === 'deny') return `level ${level} does not allow ${verb}`;
  return `at level ${level}, ${verb} of ${risk} risk needs a person first`;
}
