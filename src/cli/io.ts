import { userInfo } from 'node:os';

/** Where a command reads and writes; a test brings its own. */
export interface Io {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export const processIo: Io = {
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  env: process.env,
};

/** The person at the keyboard, unless `--as` says otherwise. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'someone';
  }
}

/** Outsiders' words must not move the cursor, colour the terminal or start a line of their own. */
export function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, ' ');
}

/** A payload as it would go, line by line under a heading; every line made plain. */
export function payloadLines(payload: unknown, heading: string): readonly string[] {
  if (payload === undefined) return ['    the payload was erased'];
  const lines = JSON.stringify(payload, undefined, 2).split('\n');
  return [`    ${heading}`, ...lines.map((line) => `      ${plain(line)}`)];
}

export function clock(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').slice(0, 19);
}
