import type { Io } from '../io.ts';

interface Part {
  readonly name: string;
  readonly stop: () => Promise<void>;
}

/** What was started so far. It is stopped in the reverse order, and nothing else is. */
export class Parts {
  readonly #started: Part[] = [];

  add(name: string, stop: Part['stop']): void {
    this.#started.push({ name, stop });
  }

  /** One that does not stop well is said and keeps no other from stopping. */
  async stop({ err }: Pick<Io, 'err'>): Promise<void> {
    for (let part = this.#started.pop(); part !== undefined; part = this.#started.pop()) {
      const { name, stop } = part;
      await stop().catch((error: unknown) => err(`${name} did not stop well: ${messageOf(error)}`));
    }
  }
}

export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
