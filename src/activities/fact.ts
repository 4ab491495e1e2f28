import type { FactShape, Json, ValueType } from '../policy/vocabulary.ts';

/** What a resolver may look at: the effect itself and the case, nothing the agent said about the world. */
export interface FactQuestion {
  readonly action: string;
  readonly attributes: Readonly<Record<string, Json>>;
  readonly case: Readonly<Record<string, Json>>;
}

/** A claim about the world that trusted code looks up, outside any transaction. Failing or `undefined` means unknown. */
export interface FactDefinition {
  readonly name: string;
  readonly type: ValueType;
  /** `model` facts (sentiment, confidence, wording) may only narrow. */
  readonly origin: 'records' | 'model';
  readonly resolve: (question: FactQuestion, signal: AbortSignal) => Promise<Json | undefined>;
}

export function defineFact(definition: FactDefinition): FactDefinition {
  return definition;
}

export function factShapeOf({ name, type, origin }: FactDefinition): FactShape {
  return { name, type, origin };
}
