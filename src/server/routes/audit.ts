import { Hono } from 'hono';
import { chainIds, verifyStored } from '../../ledger/audit-log.ts';
import type { Verified } from '../api-types.ts';
import { auditCases } from '../audit-cases.ts';
import type { ApiContext } from '../context.ts';
import type { Remit } from '../remit.ts';
import { storyOf } from '../story.ts';
import { jobNamed } from './jobs.ts';

export function auditRoutes({ remit }: ApiContext): Hono {
  return new Hono()
    .get('/verify', async (c) => {
      const name = c.req.query('job');
      return c.json(
        await verify(remit, name === undefined ? await chainIds(remit.ledger) : [(await jobNamed(remit, name)).jobId]),
      );
    })
    .get('/cases', async (c) => c.json({ items: await auditCases(remit.ledger) }))
    .get('/:job', async (c) => c.json(await storyOf(remit.ledger, await jobNamed(remit, c.req.param('job')))));
}

async function verify({ ledger }: Remit, chains: readonly string[]): Promise<Verified> {
  const bad: Verified['bad'] = [];
  let entries = 0;
  for (const chain of chains) {
    const found = await verifyStored(ledger, chain);
    if (found.ok) entries += found.entries;
    else bad.push({ chain, seq: found.seq, problem: found.problem });
  }
  return { ok: bad.length === 0, chains: chains.length, entries, bad };
}
