import { Hono } from 'hono';
import type { z } from 'zod';
import type { By } from '../../audit/entry.ts';
import { assuranceSuffices } from '../../policy/statement.ts';
import { findRevocation, liveRevocations, restore, revoke } from '../../ledger/revocation.ts';
import { revocationInWords } from '../../policy/revocation.ts';
import type { Scope } from '../../policy/revocation.ts';
import { readDomain } from '../../policy/value.ts';
import { systemOf } from '../../policy/vocabulary.ts';
import { ApiError, notFound } from '../api-error.ts';
import { RestoreRequestSchema } from '../api-types.ts';
import { RevokeRequestSchema } from '../revoke-request.ts';
import { bodyOf, personOf } from '../context.ts';
import type { ApiContext } from '../context.ts';
import type { Remit } from '../remit.ts';
import { jobNamed } from './jobs.ts';

export function revocationRoutes(context: ApiContext): Hono {
  const { remit } = context;
  const { ledger } = remit;
  return new Hono()
    .get('/', async (c) => {
      const live = await ledger.run((db) => liveRevocations(db));
      return c.json({
        items: live.map((each) => ({
          revocationId: each.revocationId,
          says: revocationInWords(each),
          author: each.author,
          at: each.at,
        })),
      });
    })
    .post('/', async (c) => {
      const { as, level, ...order } = await bodyOf(c, RevokeRequestSchema);
      const by = personOf(c, context, as);
      const scope = await resolved(remit, order.scope);
      const capped = order.kind === 'cap' ? { level: level ?? ('draft-only' as const) } : {};
      const narrowing = { ...order, ...capped, scope };
      const receipt = await revoke(ledger, { ...narrowing, by });
      return c.json({ ...receipt, says: revocationInWords(narrowing) }, 201);
    })
    .post('/restore', async (c) => {
      const order = await bodyOf(c, RestoreRequestSchema);
      const by = personOf(c, context, order.as);
      await requireMayRestore(remit, by);
      const restored: string[] = [];
      for (const id of await meant(remit, order)) if (await restore(ledger, id, by)) restored.push(id);
      if (restored.length === 0) throw new ApiError(409, 'NOTHING_REVOKED', 'nothing of that name is revoked now');
      return c.json({ restored });
    });
}

/** A scope that names something there is: a slip of the pen must not look like a revocation. */
async function resolved(remit: Remit, scope: Scope): Promise<Scope> {
  if (scope.kind === 'job') return { kind: 'job', value: (await jobNamed(remit, scope.value)).jobId };
  if (scope.kind === 'domain') return { kind: 'domain', value: readDomain(scope.value) ?? scope.value };
  if (scope.kind === 'everything' || scope.kind === 'customer') return scope;
  const known = namesOf(remit)[scope.kind];
  if (!known.includes(scope.value))
    throw new ApiError(404, 'NOT_FOUND', `there is no ${scope.kind} \`${scope.value}\`; there are ${known.join(', ')}`);
  return scope;
}

function namesOf({ port }: Remit): Readonly<Record<'agent' | 'charter' | 'system' | 'action', readonly string[]>> {
  const charters = port.policies.charters();
  const actions = [...port.registry.actions.values()];
  return {
    charter: charters,
    agent: [...new Set(charters.map((charter) => port.policies.lastKnown(charter).policy.charter.agent))],
    action: actions.map(({ name }) => name),
    system: [...new Set(actions.map(({ record }) => systemOf(record)))],
  };
}

/** INVARIANT: widening again needs what the house says, of every charter in force. */
async function requireMayRestore({ port }: Remit, by: By): Promise<void> {
  for (const charter of port.policies.charters()) {
    const needs = (await port.policies.current(charter)).policy.house.assurance.restore;
    if (!assuranceSuffices(by.assurance, needs))
      throw new ApiError(403, 'ASSURANCE_TOO_LOW', `restoring needs ${needs}; this is ${by.assurance}`);
  }
}

async function meant(remit: Remit, order: z.infer<typeof RestoreRequestSchema>): Promise<readonly string[]> {
  const { ledger } = remit;
  if ('revocationId' in order) {
    const { revocationId } = order;
    if ((await ledger.run((db) => findRevocation(db, revocationId))) === undefined)
      throw notFound('revocation', revocationId);
    return [revocationId];
  }
  const scope = await resolved(remit, order.scope);
  const live = await ledger.run((db) => liveRevocations(db));
  return live.filter((each) => sameScope(each.scope, scope)).map(({ revocationId }) => revocationId);
}

function sameScope(one: Scope, other: Scope): boolean {
  return one.kind === 'everything' || other.kind === 'everything'
    ? one.kind === other.kind
    : one.kind === other.kind && one.value === other.value;
}
