/** What a proof counted: every check by itself, and the first few that failed in words. */
export class Tally {
  passed = 0;
  readonly failures: string[] = [];
  readonly counts: [what: string, count: string | number][] = [];

  check(holds: boolean, what: string): void {
    if (holds) this.passed++;
    else this.failures.push(what);
  }

  count(what: string, count: string | number): void {
    this.counts.push([what, count]);
  }
}

export type Say = (line: string) => void;
