import type { Revocation } from './revocation.ts';
import type { Json, Level, Verb } from './vocabulary.ts';

/** What trusted code looked up, or that it could not. */
export type Fact =
  | { readonly known: true; readonly value: Json; readonly origin: string; readonly at: number }
  | { readonly known: false; readonly reason: string };

/** What this job already read and did, from the ledger. */
export interface Past {
  readonly labels: readonly string[];
  /** `system.record:id` of every record read. */
  readonly records: readonly string[];
  /** Calls done so far, by `verb system.record`. */
  readonly counts: Readonly<Record<string, number>>;
}

/** The question put to the policy: may this job take this action on this record, here and now? */
export interface AuthorizationRequest {
  readonly principal: { readonly agent: string; readonly charter: string; readonly jobId: string };
  readonly action: string;
  readonly verb: Verb;
  /** `system.record`, such as `mailbox.reply`. */
  readonly record: string;
  /** What is asked for, by name; none means none. */
  readonly fields: readonly string[];
  readonly attributes: Readonly<Record<string, Json>>;
  readonly case: Readonly<Record<string, Json>>;
  readonly facts: Readonly<Record<string, Fact>>;
  readonly past: Past;
  /** Epoch milliseconds, passed in. */
  readonly now: number;
}

/** Something the guard itself saw that must narrow: a reset run, a step that already did something else. */
export interface Circumstance {
  readonly id: string;
  readonly outcome: 'gate' | 'deny';
  readonly reason: string;
}

/** What is in force at this moment, read from the ledger under its locks. */
export interface LiveState {
  /** The level that counts: the charter's own, save where a person dispatches a draft, whose order passes levels. */
  readonly level: Level;
  readonly revocations: readonly Revocation[];
  /** Used so far, by limit id; a missing one is unknown and narrows. */
  readonly limits: Readonly<Record<string, number>>;
  readonly circumstances: readonly Circumstance[];
}
