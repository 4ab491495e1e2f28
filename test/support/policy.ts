import type { z } from 'zod';
import { compile, type Policy } from '../../src/policy/compile.ts';
import type { AuthorizationRequest, Fact, LiveState } from '../../src/policy/request.ts';
import { type Charter, CharterSchema, type HouseRules, HouseRulesSchema } from '../../src/policy/statement.ts';
import type { ActionShape, Json, Vocabulary } from '../../src/policy/vocabulary.ts';

/** A shop that answers mail: what tests mean by "the vocabulary" unless they say otherwise. */
export function aVocabulary(extra: Partial<Vocabulary> = {}): Vocabulary {
  return {
    actions: [
      anAction({
        name: 'crm.readOrder',
        verb: 'read',
        record: 'crm.order',
        risk: 'low',
        fields: ['status', 'total', 'note'],
        attributes: { orderId: 'text', customer: 'customer' },
      }),
      anAction({
        name: 'mailbox.readMessage',
        verb: 'read',
        record: 'mailbox.message',
        risk: 'low',
        fields: ['from', 'body'],
        attributes: { messageId: 'text' },
      }),
      anAction({
        name: 'mailbox.draftReply',
        verb: 'draft',
        record: 'mailbox.reply',
        risk: 'low',
        attributes: { recipient: 'address' },
      }),
      anAction({
        name: 'mailbox.sendReply',
        verb: 'send',
        record: 'mailbox.reply',
        draftable: true,
        attributes: {
          recipient: 'address',
          domain: 'domain',
          cc: 'address[]',
          subject: 'text',
          urgent: 'flag',
          attachments: 'number',
          customer: 'customer',
        },
      }),
      anAction({ name: 'crm.writeNote', verb: 'write', record: 'crm.note', risk: 'low', attributes: { text: 'text' } }),
      anAction({
        name: 'shop.refundOrder',
        verb: 'refund',
        record: 'shop.payment',
        risk: 'high',
        attributes: { amount: 'money', orderId: 'text' },
      }),
      ...(extra.actions ?? []),
    ],
    facts: [
      { name: 'recipientIsCustomer', type: 'flag', origin: 'records' },
      { name: 'customerTier', type: 'text', origin: 'records' },
      { name: 'orderTotal', type: 'money', origin: 'records' },
      { name: 'sentiment', type: 'text', origin: 'model' },
      ...(extra.facts ?? []),
    ],
  };
}

export function anAction(shape: Pick<ActionShape, 'name' | 'verb' | 'record'> & Partial<ActionShape>): ActionShape {
  return { risk: 'medium', draftable: false, fields: [], attributes: {}, ...shape };
}

export type CharterInput = z.input<typeof CharterSchema>;
export type HouseInput = z.input<typeof HouseRulesSchema>;

/** A charter that permits nothing but sending a reply; parts given replace its parts whole. */
export function aCharter(parts: Partial<CharterInput> = {}): Charter {
  return CharterSchema.parse({
    charter: 'order-status',
    agent: 'order-desk',
    owner: 'Robin Marsh',
    purpose: 'Answer customers who ask where their order is.',
    level: 'high-impact',
    case: { sender: 'address', orderId: 'text', 'voucher?': 'text' },
    permits: [{ id: 'send-reply', verb: 'send', record: 'mailbox.reply' }],
    ...parts,
  });
}

/** House rules that say nothing. */
export function aHouse(parts: Partial<HouseInput> = {}): HouseRules {
  return HouseRulesSchema.parse({ house: 'acme', profile: 'development', ...parts });
}

export const aRevision = 'f'.repeat(64);

export function aPolicy(
  charter: Partial<CharterInput> = {},
  house: Partial<HouseInput> = {},
  vocabulary = aVocabulary(),
): Policy {
  return compile(aCharter(charter), aHouse(house), vocabulary, aRevision);
}

/** A reply to the customer the case is about; parts given replace its parts whole. */
export function aRequest(parts: Partial<AuthorizationRequest> = {}): AuthorizationRequest {
  return {
    principal: { agent: 'order-desk', charter: 'order-status', jobId: 'job-1' },
    action: 'mailbox.sendReply',
    verb: 'send',
    record: 'mailbox.reply',
    fields: [],
    attributes: {
      recipient: 'dana@acme.example',
      domain: 'acme.example',
      cc: [],
      subject: 'Your order',
      urgent: false,
      attachments: 1,
      customer: 'cust-1',
    },
    case: { sender: 'dana@acme.example', orderId: 'order-17' },
    facts: {
      recipientIsCustomer: known(true),
      customerTier: known('gold'),
      orderTotal: known(4200),
      sentiment: known('calm'),
    },
    past: { labels: [], records: [], counts: {} },
    now: Date.UTC(2026, 10, 23, 9, 30),
    ...parts,
  };
}

export function aRead(
  fields: readonly string[],
  attributes: Readonly<Record<string, Json>> = { orderId: 'order-17', customer: 'cust-1' },
): AuthorizationRequest {
  return aRequest({ action: 'crm.readOrder', verb: 'read', record: 'crm.order', fields, attributes });
}

export function known(value: Json): Fact {
  return { known: true, value, origin: 'crm', at: 0 };
}

export const unknownFact: Fact = { known: false, reason: 'the lookup failed' };

/** Nothing is narrowed and nothing is used up. */
export const nothingRevoked: LiveState = { level: 'high-impact', revocations: [], limits: {}, circumstances: [] };
