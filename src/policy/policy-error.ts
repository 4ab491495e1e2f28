import { RemitError } from './error.ts';

/** One thing wrong with a charter or with the house rules, and where. */
export interface PolicyProblem {
  readonly source: 'charter' | 'house';
  /** Keys and indexes from the top of the file: `['permits', 0, 'when', 'attributes.recipient']`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** The nearest right word. */
  readonly suggestion?: string;
}

/** Thrown when a charter and house rules make no policy; carries everything that is wrong with them at once. */
export class PolicyError extends RemitError {
  override readonly name = 'PolicyError';
  readonly code = 'POLICY_INVALID';
  readonly problems: readonly PolicyProblem[];

  constructor(problems: readonly PolicyProblem[]) {
    super(problems.map(problemInWords).join('\n'));
    this.problems = problems;
  }
}

function problemInWords({ source, path, message, suggestion }: PolicyProblem): string {
  return `${source} ${path.join('.')}: ${message}${meant(suggestion)}`;
}

/** `(did you mean …?)`, where there is a guess. */
export function meant(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : ` (did you mean \`${suggestion}\`?)`;
}
