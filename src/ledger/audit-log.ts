import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { canonical } from '../audit/canonical.ts';
import { entryText } from '../audit/chain.ts';
import type { AuditEntry, BodyReference } from '../audit/entry.ts';
import { bodyDigest, verifyChain } from '../audit/verify.ts';
import type { StoredBody, StoredEntry, Verification } from '../audit/verify.ts';
import type { Json } from '../policy/vocabulary.ts';
import { newId } from './id.ts';
import type { Ledger, LedgerReader } from './ledger.ts';

/** The chain of what concerns no single job: revocations, restores, charters. */
export const CONTROL_CHAIN = 'control';

/** Collects what one transaction has to say, and writes it in one statement. */
export class AuditNotes {
  readonly #bodies: { bodyId: string; salt: string; content: string }[] = [];
  readonly #entries: AuditEntry[] = [];
  readonly chainId: string;
  readonly at: number;

  /** @param chainId - the job's id, or {@link CONTROL_CHAIN} */
  constructor(chainId: string, at: number) {
    this.chainId = chainId;
    this.at = at;
  }

  add(...entries: readonly AuditEntry[]): this {
    this.#entries.push(...entries);
    return this;
  }

  /** Keeps a body apart from its entry, so that erasing it keeps the proof. */
  body(content: unknown): BodyReference {
    const kept = { bodyId: newId('body'), salt: randomBytes(16).toString('hex'), content: canonical(content) };
    this.#bodies.push(kept);
    return { bodyId: kept.bodyId, digest: bodyDigest(kept.salt, kept.content) };
  }

  /**
   * Writes all of it in one statement.
   *
   * @param beside - what is to change in the same round trip, as common table expressions; where the one named
   *   `beside` changes no row, nothing is written
   * @returns whether anything was written
   */
  async write(db: LedgerReader, beside: RawBuilder<unknown> = sql`beside as (select)`): Promise<boolean> {
    if (this.#entries.length === 0) return false;
    const bodies = this.#bodies;
    const { rows } = await sql`with ${beside}, kept as (
        insert into remit.body (body_id, job_id, salt, content, made_at)
        select b.id, ${this.chainId}, b.salt, b.content, ${this.at}
        from unnest(${bodies.map((b) => b.bodyId)}::text[], ${bodies.map((b) => b.salt)}::text[], ${bodies.map((b) => b.content)}::text[]) as b(id, salt, content)
        where exists (select from beside))
      select remit.append_audit(${this.chainId}, ${this.#entries.map((e) => e.kind)}::text[],
        ${this.#entries.map(entryText)}::text[], ${this.at}) where exists (select from beside)`.execute(db);
    return rows.length === 1;
  }
}

/** A body's content, or `undefined` once erased. */
export async function readBody(db: LedgerReader, bodyId: string): Promise<Json | undefined> {
  const row = await db.selectFrom('body').select('content').where('body_id', '=', bodyId).executeTakeFirst();
  return row?.content == null ? undefined : (JSON.parse(row.content) as Json);
}

/** Erases what a job's bodies say; every entry and its proof stay. */
export async function eraseBodies(ledger: Ledger, jobId: string): Promise<number> {
  const erased = await ledger.run((db) =>
    db
      .updateTable('body')
      .set({ content: null, erased_at: ledger.now() })
      .where('job_id', '=', jobId)
      .where('content', 'is not', null)
      .executeTakeFirst(),
  );
  return Number(erased.numUpdatedRows);
}

export interface ChainContents {
  readonly rows: readonly StoredEntry[];
  readonly bodies: ReadonlyMap<string, StoredBody>;
}

export async function readChain(ledger: Ledger, chainId: string): Promise<ChainContents> {
  return ledger.run(async (db) => {
    const rows = await db
      .selectFrom('audit_entry')
      .selectAll()
      .where('chain_id', '=', chainId)
      .orderBy('seq')
      .execute();
    const bodies = await db.selectFrom('body').selectAll().where('job_id', '=', chainId).execute();
    const byId = bodies.map(
      (row) => [row.body_id, { bodyId: row.body_id, salt: row.salt, content: row.content }] as const,
    );
    return { rows, bodies: new Map(byId) };
  });
}

/** Recomputes one chain; names its first bad row. */
export async function verifyStored(ledger: Ledger, chainId: string): Promise<Verification> {
  const head = await ledger.run((db) =>
    db.selectFrom('chain').selectAll().where('chain_id', '=', chainId).executeTakeFirst(),
  );
  const { rows, bodies } = await readChain(ledger, chainId);
  if (head === undefined)
    return rows.length === 0
      ? { ok: true, entries: 0, erasedBodies: 0 }
      : { ok: false, seq: 1, problem: 'the chain has rows but no head' };
  return verifyChain(rows, bodies, { seq: head.head_seq, hash: head.head_hash });
}

export async function chainIds(ledger: Ledger): Promise<readonly string[]> {
  const rows = await ledger.run((db) => db.selectFrom('chain').select('chain_id').orderBy('chain_id').execute());
  return rows.map((row) => row.chain_id);
}
