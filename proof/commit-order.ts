import { sql } from 'kysely';
import type { Ledger } from '../src/ledger/ledger.ts';

/**
 * Numbers the commits of intents and revocations in the database itself: a deferred trigger runs as the last thing
 * before a commit, while the transaction still holds its locks.
 */
export async function orderCommits(ledger: Ledger): Promise<void> {
  await ledger.run((db) => sql.raw(ORDER).execute(db));
}

const ORDER = `
create schema proof;
create sequence proof.turn;
create table proof.committed (turn bigint primary key, what text not null, id text not null);
create function proof.note() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'revocation' then insert into proof.committed values (nextval('proof.turn'), 'revocation', to_jsonb(new) ->> 'revocation_id');
  elsif to_jsonb(new) ->> 'state' = 'intended' then insert into proof.committed values (nextval('proof.turn'), 'intent', to_jsonb(new) ->> 'effect_key');
  end if;
  return null;
end $$;
create constraint trigger order_of_intents after insert or update on remit.step deferrable initially deferred for each row execute function proof.note();
create constraint trigger order_of_revocations after insert on remit.revocation deferrable initially deferred for each row execute function proof.note();
`;

/** How many intents committed before a revocation, and how many after it. */
export async function lateIntents(ledger: Ledger, revocationId: string): Promise<{ early: number; late: number }> {
  const { rows } = await ledger.run((db) =>
    sql<{
      early: number;
      late: number;
    }>`select count(*) filter (where i.turn < r.turn) as early, count(*) filter (where i.turn > r.turn) as late
      from proof.committed r left join proof.committed i on i.what = 'intent'
      where r.what = 'revocation' and r.id = ${revocationId}`.execute(db),
  );
  return rows[0] ?? { early: 0, late: -1 };
}

/** What was numbered so far no longer counts. */
export async function forgetCommits(ledger: Ledger): Promise<void> {
  await ledger.run((db) => sql`delete from proof.committed`.execute(db));
}
