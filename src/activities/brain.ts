import type { Json, Verb } from '../policy/vocabulary.ts';
import type { Call, Turn } from '../workflows/messages.ts';

/** A tool as a brain is offered it: described, never executable. */
export interface ToolOffer {
  readonly action: string;
  readonly says: string;
  readonly verb: Verb;
  readonly record: string;
  /** JSON Schema of the payload. */
  readonly input: Json;
}

/** Everything a brain is told. */
export interface Situation {
  readonly charter: string;
  readonly purpose: string;
  readonly case: Readonly<Record<string, Json>>;
  readonly transcript: readonly Turn[];
  readonly tools: readonly ToolOffer[];
}

/** What a brain answers: calls to try side by side, or that it is done. */
export type BrainStep =
  | { readonly done: false; readonly say?: string; readonly calls: readonly Call[] }
  | { readonly done: true; readonly say: string };

/** Whatever proposes the agent's next calls: rules, a model, a test. It has no authority. */
export interface Brain {
  readonly name: string;
  readonly next: (situation: Situation) => Promise<BrainStep>;
}
