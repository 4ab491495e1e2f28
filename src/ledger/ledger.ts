import { Kysely, PostgresDialect, sql } from 'kysely';
import type { Transaction } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import { asLedgerError } from './unavailable-error.ts';
import { ledger as ledgerTables } from './migrations/0001-ledger.ts';
import { PreparedClient } from './prepared-client.ts';
import type { LedgerSchema } from './schema.ts';

export type LedgerTransaction = Transaction<LedgerSchema>;
export type LedgerReader = Kysely<LedgerSchema>;

/** Taken shared by every decision and exclusively by every revocation, first thing in their transactions. */
export const REVOCATION_LOCK = 7236001;

export interface LedgerOptions {
  /** Connections kept; 10 unless said. A Temporal server beside us may want the rest of PostgreSQL's 100. */
  readonly connections?: number;
  /** Epoch milliseconds; a test's clock. */
  readonly now?: () => number;
}

/** The database of record. Everything it throws is a `RemitError` or a programming error. */
export class Ledger {
  readonly #pool: pg.Pool;
  readonly #db: Kysely<LedgerSchema>;
  readonly now: () => number;

  private constructor(pool: pg.Pool, now: () => number) {
    this.#pool = pool;
    this.now = now;
    this.#db = new Kysely<LedgerSchema>({ dialect: new PostgresDialect({ pool }) });
  }

  /**
   * Connects and brings the tables up to date; several processes may do so at once.
   *
   * @param url - `postgres://user:password@host:port/database`
   * @throws LedgerUnavailableError when the database cannot be reached
   */
  static async open(url: string, { connections = 10, now = Date.now }: LedgerOptions = {}): Promise<Ledger> {
    const pool = new pg.Pool({
      Client: PreparedClient,
      connectionString: url,
      max: connections,
      connectionTimeoutMillis: 5_000,
      options:
        '-c search_path=remit,public -c statement_timeout=15000 -c idle_in_transaction_session_timeout=15000 -c default_transaction_isolation=read\\ committed',
      types: { getTypeParser: parserOf },
    });
    pool.on('error', () => undefined); // an idle connection that broke is replaced at the next use, which reports
    const ledger = new Ledger(pool, now);
    await ledger.#migrate();
    return ledger;
  }

  /** Runs one statement, or several that need not hang together. @throws LedgerUnavailableError */
  async run<T>(work: (db: LedgerReader) => Promise<T>): Promise<T> {
    return twice(() => work(this.#db));
  }

  /** One short READ COMMITTED transaction, tried again once after a deadlock. @throws LedgerUnavailableError */
  async transaction<T>(work: (trx: LedgerTransaction) => Promise<T>): Promise<T> {
    return twice(() => this.#db.transaction().execute(work));
  }

  async close(): Promise<void> {
    await this.#db.destroy();
    if (!this.#pool.ended) await this.#pool.end();
  }

  async #migrate(): Promise<void> {
    await this.run(async (db) => {
      await sql`create schema if not exists remit`.execute(db).catch(ignoreRace);
      const migrator = new Migrator({
        db,
        migrationTableSchema: 'remit',
        provider: { getMigrations: async () => ({ '0001-ledger': ledgerTables }) },
      });
      const { error } = await migrator.migrateToLatest();
      if (error !== undefined) throw error;
    });
  }
}

/** Two processes that create the schema at once: one wins, both go on. */
function ignoreRace(error: unknown): void {
  if (!(error instanceof pg.DatabaseError && ['23505', '42P06'].includes(error.code ?? ''))) throw error;
}

/** PostgreSQL undid all of it: once more is safe. */
async function twice<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work().catch((error: unknown) => (isDeadlock(error) ? work() : Promise.reject(error)));
  } catch (error) {
    throw asLedgerError(error);
  }
}

function isDeadlock(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '40P01';
}

/** `int8` columns hold epoch milliseconds, counters and minor units, all below 2^53. */
function parserOf(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === pg.types.builtins.INT8) return Number;
  return pg.types.getTypeParser(oid, format as 'text') as (value: string) => unknown;
}
