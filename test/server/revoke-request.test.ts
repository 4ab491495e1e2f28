import { describe, expect, it } from 'vitest';
import type { Scope } from '../../src/policy/revocation.ts';
import { RevokeRequestSchema } from '../../src/server/revoke-request.ts';

const asked = (scope: Scope, more: object = {}) =>
  RevokeRequestSchema.safeParse({ scope, reason: 'r', as: 'mona', ...more });
const everything: Scope = { kind: 'everything' };
const domain: Scope = { kind: 'domain', value: 'rival.example' };
const customer: Scope = { kind: 'customer', value: '1042' };
const job: Scope = { kind: 'job', value: 'a' };

describe('a revocation of no said kind', () => {
  it.each([
    [domain, 'drop-domain'],
    [customer, 'exclude'],
    [job, 'cap'],
    [everything, 'cap'],
    [{ kind: 'system', value: 'mailbox' }, 'cap'],
  ] as const)('of %j is %s', (scope, kind) => {
    expect(asked(scope).data?.kind).toBe(kind);
  });
});

describe('a revocation', () => {
  it.each([
    [everything, { kind: 'exclude' }, 'exclude takes a customer, not everything'],
    [job, { kind: 'exclude' }, 'exclude takes a customer, not job `a`'],
    [domain, { kind: 'exclude' }, 'exclude takes a customer'],
    [everything, { kind: 'drop-domain' }, 'drop-domain takes a domain, not everything'],
    [customer, { kind: 'drop-domain' }, 'drop-domain takes a domain, not customer `1042`'],
    [{ kind: 'domain', value: 'dana@rival.example' }, {}, '`dana@rival.example` is no domain'],
    [{ kind: 'domain', value: 'no domain at all' }, { kind: 'disable' }, 'is no domain'],
    [everything, { level: 'high-impact' }, 'a cap at high-impact narrows nothing; say read-only, draft-only'],
    [job, { kind: 'disable', level: 'read-only' }, 'only a cap has a level, and this is disable'],
    [domain, { level: 'read-only' }, 'only a cap has a level, and this is drop-domain'],
    [job, { readsToo: true }, 'only an exclude says so'],
  ] as const)('of %j with %j is refused: %s', (scope, more, said) => {
    expect(asked(scope, more).error?.issues[0]?.message).toContain(said);
  });

  it.each([
    [customer, { kind: 'exclude', readsToo: true }],
    [customer, { kind: 'require-review' }],
    [domain, { kind: 'require-review' }],
    [{ kind: 'domain', value: 'Rival.Example.' }, {}],
    [everything, { level: 'selected-sends' }],
    [job, { kind: 'token' }],
  ] as const)('of %j with %j is taken', (scope, more) => {
    expect(asked(scope, more).success).toBe(true);
  });
});
