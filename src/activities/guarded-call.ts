import type { By } from '../audit/entry.ts';
import type { Run } from '../ledger/job.ts';
import type { Policy } from '../policy/compile.ts';
import type { Fact } from '../policy/request.ts';
import type { Json } from '../policy/vocabulary.ts';
import type { Action } from './action.ts';

/** One action at one step, looked up and parsed; everything a decision needs that no lock protects. */
export interface GuardedCall {
  readonly run: Run;
  readonly step: string;
  readonly action: Action;
  readonly payload: Json;
  /** SHA-256 of the RFC 8785 form of action and payload, lower-case hex. */
  readonly digest: string;
  readonly sentence: string;
  readonly attributes: Readonly<Record<string, Json>>;
  readonly facts: Readonly<Record<string, Fact>>;
  readonly policy: Policy;
  /** The latest moment this attempt may act, epoch milliseconds. */
  readonly deadlineAt: number;
  /** A person sends a held draft: caps and gates are theirs to pass; nothing else is. */
  readonly dispatch?: { readonly draftId: string; readonly digest: string; readonly by: By };
}
