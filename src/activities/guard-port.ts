import type { CredentialBroker } from '../identity/credential.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Bindings } from './admission.ts';
import type { RunHistory } from './history.ts';
import type { Policies } from './policies.ts';
import type { Registry } from './registry.ts';

/** One line a decision; no payloads. */
export interface DecisionLog {
  readonly info: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void;
}

/** Everything the guard works with, handed in. */
export interface GuardPort {
  readonly ledger: Ledger;
  readonly policies: Policies;
  readonly registry: Registry;
  readonly history: RunHistory;
  readonly bindings: Bindings;
  readonly credentials: CredentialBroker;
  readonly log: DecisionLog;
  /** After a lease's deadline, how long before anybody probes, resends or asks a person; milliseconds. */
  readonly leaseMarginMs: number;
  /** A place where a test stops the process; does nothing in production. */
  readonly reached: (point: KillPoint) => void;
}

/** The labelled places between intent and outcome. */
export const KILL_POINTS = ['intent-committed', 'about-to-run', 'effect-done', 'outcome-written'] as const;
export type KillPoint = (typeof KILL_POINTS)[number];
