import type { Io } from '../io.ts';

export interface StopSignal {
  /** Aborted by the first Ctrl-C. */
  readonly asked: AbortSignal;
  /** Resolves with it. */
  readonly untilAsked: Promise<void>;
  readonly off: () => void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The first Ctrl-C asks for an end in good order; a second one ends us as we are, and our servers' watchdogs end them. */
export function listenForStop({ out, err }: Pick<Io, 'out' | 'err'>): StopSignal {
  const controller = new AbortController();
  const heard = (): void => {
    if (controller.signal.aborted) {
      err('Stopped by force.');
      process.exit(130);
    }
    out('');
    out('Stopping what was started here ... (Ctrl-C again to force)');
    controller.abort(new StopAsked());
  };
  for (const name of SIGNALS) process.on(name, heard);
  return {
    asked: controller.signal,
    untilAsked: new Promise((resolve) => controller.signal.addEventListener('abort', () => resolve(), { once: true })),
    off: () => SIGNALS.forEach((name) => process.off(name, heard)),
  };
}

/** Not a failure: somebody wants us to end. */
export class StopAsked extends Error {
  override readonly name = 'StopAsked';
}
