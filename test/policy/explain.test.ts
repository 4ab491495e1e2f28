import { expect, it } from 'vitest';
import { explain } from '../../src/policy/explain.ts';
import type { Revocation } from '../../src/policy/revocation.ts';
import { aPolicy } from '../support/policy.ts';

const policy = aPolicy(
  {
    level: 'selected-sends',
    permits: [
      { id: 'r', verb: 'read', record: 'crm.order', fields: ['status', 'total'] },
      { id: 's', verb: 'send', record: 'mailbox.reply', when: { 'attributes.recipient': { sameAs: 'case.sender' } } },
    ],
    forbids: [
      {
        id: 'f',
        verb: 'send',
        record: 'mailbox.*',
        when: { 'attributes.urgent': { is: true } },
        reason: 'urgent mail',
      },
    ],
    limits: [{ id: 'l', verb: 'send', record: 'mailbox.reply', per: 'case', atMost: 1 }],
  },
  {
    classes: [
      {
        class: 'external-email',
        says: 'mail leaves the house',
        gate: 'hard',
        applies: [{ verb: 'send', record: '*' }],
      },
      { class: 'deletion', says: 'something is deleted', gate: 'hard', applies: [{ verb: 'delete', record: '*' }] },
    ],
  },
);
const paused: Revocation = {
  revocationId: 'r1',
  kind: 'pause-outbound',
  scope: { kind: 'system', value: 'mailbox' },
  readsToo: false,
  reason: 'an incident',
  author: 'ops',
  at: 0,
};
const elsewhere: Revocation = { ...paused, revocationId: 'r2', scope: { kind: 'charter', value: 'other' } };

it('says in one paragraph who the agent is, what it may do, what needs approval and how to stop it', () => {
  expect(explain(policy, { level: 'selected-sends', revocations: [] })).toBe(
    'Agent `order-desk` works the charter `order-status`, owned by Robin Marsh: Answer customers who ask where their order is. ' +
      'It touches crm and mailbox. ' +
      'It may read crm.order (status, total); and send mailbox.reply when `attributes.recipient` is the same as `case.sender`. ' +
      'A person must approve first: mail leaves the house. ' +
      'It never goes through: urgent mail. ' +
      'Limits: send mailbox.reply at most 1 per case. ' +
      'It works at level selected-sends, and nothing else is narrowed now. ' +
      'To stop it: `remit revoke --charter order-status`.',
  );
});

it('says what is narrowed right now, and only what could concern the charter', () => {
  const text = explain(policy, { level: 'draft-only', revocations: [paused, elsewhere] });
  expect(text).toContain(
    'It works at level draft-only, narrowed from selected-sends; narrowed now: pause-outbound on system mailbox: an incident (by ops).',
  );
  expect(text).not.toContain('other');
});

it('keeps to one line whatever the purpose looks like', () => {
  const sprawling = aPolicy({ purpose: 'Answer\n\n  people.\n', permits: [] });
  expect(explain(sprawling, { level: 'read-only', revocations: [] })).not.toContain('\n');
});
