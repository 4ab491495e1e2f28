/** The root of every error Remit throws on purpose: a stable `code` to switch on, the facts as fields. */
export abstract class RemitError extends Error {
  abstract readonly code: string;
}
