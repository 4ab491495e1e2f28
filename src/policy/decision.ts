import type { Operator } from './condition.ts';
import type { Outcome } from './vocabulary.ts';

/** Who said what: one statement, revocation, level, limit or circumstance that spoke. */
export interface Spoken {
  /** `charter:send-order-status`, `house:external-email`, `revocation:<id>`, `level:draft-only`, `limit:replies-per-case`, `guard:reset-run`, `default:deny`. */
  readonly id: string;
  readonly layer: 'house' | 'charter' | 'revocation' | 'level' | 'limit' | 'guard' | 'default';
  readonly outcome: Outcome;
  /** One plain sentence, lower case, no full stop. */
  readonly reason: string;
  /** The house's risk class, when one spoke. */
  readonly riskClass?: string;
}

/** The clause of a permit that kept it silent. */
export interface NearMiss {
  readonly permit: string;
  readonly path: string;
  readonly operator: Operator;
  readonly wanted: string;
  readonly found: string;
}

/** A limit that a permitted call uses up. */
export interface Reservation {
  readonly limitId: string;
  readonly per: 'case' | 'day';
  readonly amount: number;
  readonly atMost: number;
}

/** The answer. Sentences and near misses are built only when asked for. */
export interface Decision {
  readonly outcome: Outcome;
  /** Everyone who said the outcome; never empty. */
  readonly determining: readonly Spoken[];
  /** Every gate that spoke, whatever the outcome: what an approval must have shown to pass them. */
  readonly gates: readonly Spoken[];
  /** For a read: what comes back and what is stripped. */
  readonly fields: { readonly granted: readonly string[]; readonly withheld: readonly string[] };
  readonly reservations: readonly Reservation[];
  /** Digest of charter and house rules. */
  readonly revision: string;
  readonly nearMisses: () => readonly NearMiss[];
  /** One plain sentence for the agent and for people. */
  readonly sentence: () => string;
}
