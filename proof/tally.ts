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

  /** Takes over what another one counted. */
  with(other: Tally): this {
    this.passed += other.passed;
    this.failures.push(...other.failures);
    this.counts.push(...other.counts);
    return this;
  }
}

export type Say = (line: string) => void;
