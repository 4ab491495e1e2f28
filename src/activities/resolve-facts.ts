import type { Fact } from '../policy/request.ts';
import type { FactDefinition, FactQuestion } from './fact.ts';

const FACT_TIMEOUT_MS = 5_000;

/** Looks up each named fact, side by side and outside any transaction. What fails or takes too long is unknown. */
export async function resolveFacts(
  names: readonly string[],
  facts: ReadonlyMap<string, FactDefinition>,
  question: FactQuestion,
  now: () => number,
): Promise<Readonly<Record<string, Fact>>> {
  const found = await Promise.all(
    names.map(async (name) => [name, await resolveFact(facts.get(name), question, now)] as const),
  );
  return Object.fromEntries(found);
}

async function resolveFact(fact: FactDefinition | undefined, question: FactQuestion, now: () => number): Promise<Fact> {
  if (fact === undefined) return { known: false, reason: 'nobody registered it' };
  const signal = AbortSignal.timeout(FACT_TIMEOUT_MS);
  const late = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('took too long')), { once: true }),
  );
  try {
    const value = await Promise.race([fact.resolve(question, signal), late]);
    return value === undefined
      ? { known: false, reason: 'could not be told' }
      : { known: true, value, origin: fact.origin, at: now() };
  } catch (error) {
    return { known: false, reason: error instanceof Error ? error.message : 'failed' };
  }
}
