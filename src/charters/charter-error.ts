import { RemitError } from '../policy/error.ts';
import { meant } from '../policy/policy-error.ts';

/** One thing wrong in a file; line and column count from 1. */
export interface CharterProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** The nearest right word. */
  readonly suggestion?: string;
}

/** Thrown when charters or house rules cannot be put in force; carries everything that is wrong with them at once. */
export class CharterError extends RemitError {
  override readonly name = 'CharterError';
  readonly code = 'CHARTER_INVALID';
  readonly problems: readonly CharterProblem[];

  constructor(problems: readonly CharterProblem[]) {
    const sorted = inOrder(problems);
    super(sorted.map(problemInWords).join('\n'));
    this.problems = sorted;
  }
}

/** `charters/order-status.charter.yaml:12:7: no limit is called `repliesPerCase` (did you mean …?)` */
export function problemInWords({ file, line, column, message, suggestion }: CharterProblem): string {
  return `${file}:${line}:${column}: ${message}${meant(suggestion)}`;
}

/** By file and place, each once: what is wrong in the house rules shows under every charter. */
function inOrder(problems: readonly CharterProblem[]): readonly CharterProblem[] {
  const once = new Map(problems.map((problem) => [problemInWords(problem), problem]));
  return [...once.values()].sort(
    (one, other) => compareText(one.file, other.file) || one.line - other.line || one.column - other.column,
  );
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
