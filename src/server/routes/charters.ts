import { Hono } from 'hono';
import type { CharterRevision } from '../../charters/read-policy.ts';
import { liveRevocations } from '../../ledger/revocation.ts';
import { explain } from '../../policy/explain.ts';
import { levelUnder } from '../../policy/level.ts';
import type { Revocation } from '../../policy/revocation.ts';
import type { Level } from '../../policy/vocabulary.ts';
import { unknownCharter } from '../api-error.ts';
import type { ApiContext } from '../context.ts';
import type { Remit } from '../remit.ts';

export function charterRoutes({ remit }: ApiContext): Hono {
  return new Hono()
    .get('/', async (c) => {
      const inForce = await remit.ledger.run((db) =>
        db.selectFrom('charter_in_force').select('charter').orderBy('charter').execute(),
      );
      const held = remit.port.policies.charters();
      const mine = inForce.filter(({ charter }) => held.includes(charter));
      return c.json({ items: (await Promise.all(mine.map(({ charter }) => inForceNow(remit, charter)))).map(summary) });
    })
    .get('/:charter/explain', async (c) => {
      const revision = await inForceNow(remit, c.req.param('charter'));
      const live = (await remit.ledger.run((db) => liveRevocations(db))).filter(({ scope }) => scope.kind !== 'job');
      const level = levelOf(revision, live);
      return c.json({ ...summary(revision), level, paragraph: explain(revision.policy, { level, revocations: live }) });
    });
}

function summary({ charter, revision, policy }: CharterRevision) {
  return { charter, agent: policy.charter.agent, owner: policy.charter.owner, revision };
}

/** The revision in force at this moment, also when another process put it there. */
async function inForceNow({ ledger, port }: Remit, charter: string): Promise<CharterRevision> {
  const row = await ledger.run((db) =>
    db.selectFrom('charter_in_force').select('revision').where('charter', '=', charter).executeTakeFirst(),
  );
  const known = port.policies.charters();
  if (row === undefined || !known.includes(charter)) throw unknownCharter(charter, known);
  const held = port.policies.lastKnown(charter);
  return held.revision === row.revision ? held : port.policies.take(charter, row.revision);
}

function levelOf({ policy: { charter } }: CharterRevision, live: readonly Revocation[]): Level {
  const covers = ({ scope }: Revocation): boolean =>
    scope.kind === 'everything' ||
    (scope.kind === 'agent' && scope.value === charter.agent) ||
    (scope.kind === 'charter' && scope.value === charter.charter);
  return levelUnder(charter.level, live.filter(covers));
}
