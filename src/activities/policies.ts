import { readPolicy } from '../charters/read-policy.ts';
import type { CharterRevision } from '../charters/read-policy.ts';
import { charterText, revisionInForce } from '../ledger/charter.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { RemitError } from '../policy/error.ts';
import type { Vocabulary } from '../policy/vocabulary.ts';

/** No charter of this name is in force. */
export class UnknownCharterError extends RemitError {
  override readonly name = 'UnknownCharterError';
  readonly code = 'UNKNOWN_CHARTER';

  constructor(charter: string) {
    super(`no charter \`${charter}\` is in force`);
  }
}

/** The compiled policies this Worker holds, by charter; a revision the ledger names and we lack is read from there. */
export class Policies {
  readonly #ledger: Ledger;
  readonly #vocabulary: Vocabulary;
  readonly #held = new Map<string, CharterRevision>();

  constructor(ledger: Ledger, vocabulary: Vocabulary, revisions: readonly CharterRevision[]) {
    this.#ledger = ledger;
    this.#vocabulary = vocabulary;
    for (const revision of revisions) this.#held.set(revision.charter, revision);
  }

  charters(): readonly string[] {
    return [...this.#held.keys()].toSorted();
  }

  /** The revision last known; the decision's own transaction finds out whether it still is. @throws {@link UnknownCharterError} */
  lastKnown(charter: string): CharterRevision {
    const held = this.#held.get(charter);
    if (held === undefined) throw new UnknownCharterError(charter);
    return held;
  }

  /** The revision the ledger has in force at this moment. @throws {@link UnknownCharterError} */
  async current(charter: string): Promise<CharterRevision> {
    const held = this.lastKnown(charter);
    const revision = await this.#ledger.run((db) => revisionInForce(db, charter));
    if (revision === undefined) throw new UnknownCharterError(charter);
    return revision === held.revision ? held : this.take(charter, revision);
  }

  /** Takes over the revision the ledger has in force. @throws {@link UnknownCharterError} */
  async take(charter: string, revision: string): Promise<CharterRevision> {
    const text = await this.#ledger.run((db) => charterText(db, charter, revision));
    if (text === undefined) throw new UnknownCharterError(charter);
    const read = readPolicy({
      charterFile: `${charter}@${revision.slice(0, 12)}`,
      charterText: text.charterText,
      houseFile: `house rules@${revision.slice(0, 12)}`,
      houseText: text.houseText,
      vocabulary: this.#vocabulary,
    });
    this.#held.set(charter, read);
    return read;
  }
}
