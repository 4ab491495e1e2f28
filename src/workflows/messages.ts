import type { Json } from '../policy/vocabulary.ts';

/** What starts a job: `client.workflow.start('agentJob', { args: [{ charter, case }], … })`. */
export interface JobInput {
  readonly charter: string;
  readonly case: Readonly<Record<string, Json>>;
  /** Which brain works the case; `playbook` unless said. A brain has no authority. */
  readonly brain?: string;
}

/** One thing the brain wants done. */
export interface Call {
  readonly action: string;
  readonly input: Json;
}

/** What became of a call, as the agent is told. */
export type CallResult =
  | { readonly outcome: 'done'; readonly result: Json }
  | { readonly outcome: 'denied' | 'refused' | 'held' | 'failed'; readonly code: string; readonly reason: string };

/** One turn: what the brain said and asked for, and what came of it. */
export interface Turn {
  readonly say?: string;
  readonly calls: readonly Call[];
  readonly results: readonly CallResult[];
}

/** What a job returns. */
export interface JobReport {
  readonly summary: string;
  readonly turns: number;
  readonly calls: readonly { readonly action: string; readonly outcome: CallResult['outcome'] }[];
}
