/** Something only the person can put right; the message says what to do. */
export class SetupError extends Error {}

/** One plain line on stderr, so that stdout stays the command's own. */
export function say(line) {
  process.stderr.write(`remit: ${line}\n`);
}
