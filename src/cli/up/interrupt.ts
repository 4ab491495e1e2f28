import type { Io } from '../io.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One Ctrl-C may arrive twice: by the terminal and by whoever started us. */
const SAME_WISH_MS = 1_000;

/** The first Ctrl-C asks for an orderly stop; another one, later, ends the process at once, and its servers end with it. */
export function untilInterrupted(io: Io): { readonly signal: AbortSignal; readonly forget: () => void } {
  const controller = new AbortController();
  let at = 0;
  const hear = (): void => {
    if (!controller.signal.aborted) {
      at = performance.now();
      controller.abort();
    } else if (performance.now() - at > SAME_WISH_MS) {
      io.err('Ended by force.');
      process.exit(130);
    }
  };
  for (const signal of SIGNALS) process.on(signal, hear);
  return { signal: controller.signal, forget: () => SIGNALS.forEach((signal) => process.off(signal, hear)) };
}

/** Resolves once asked to stop. */
export function asked(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
