import { z } from 'zod';
import { defineAction, type Action, type ActionContext, type Probe } from '../../activities/action.ts';
import { NotDoneError } from '../../activities/not-done-error.ts';
import { AddressSchema } from '../address.ts';
import type { Author, Crm, CrmWrite } from './crm.ts';
import { AmountSchema, CurrencySchema, CustomerIdSchema, moneyInWords, OrderNumberSchema } from './ids.ts';

/** Changing records, and asking people to. Every row carries the effect's key, so none is written twice. */
export function crmWriteActions(crm: Crm): readonly Action[] {
  return [addNote(crm), updateCustomer(crm), proposeRefund(crm), refund(crm), handOver(crm)];
}

const MessageIdSchema = z.string().regex(/^[0-9a-f]{12}$/, 'must be 12 lower-case hex digits');

function addNote(crm: Crm) {
  return defineAction({
    name: 'crm.addNote',
    verb: 'write',
    record: 'crm.note',
    says: 'Leave a note about the case for colleagues',
    risk: 'low',
    input: z.strictObject({
      messageId: MessageIdSchema,
      customerId: CustomerIdSchema.optional(),
      text: z.string().min(1).max(2_000),
    }),
    attributes: {
      messageId: { type: 'text', of: ({ messageId }) => messageId },
      customer: { type: 'customer', of: ({ customerId }) => customerId },
    },
    sentence: ({ messageId, customerId }) => `Leave a note on message ${messageId}${aboutCustomer(customerId)}`,
    inDoubt: 'resend', // the key is unique in the table
    run: (note, context) => writeAs('noteId', crm, { kind: 'note', ...definedOnly(note) }, context),
  });
}

const ChangesSchema = z
  .strictObject({
    name: z.string().min(1).max(200).optional(),
    email: AddressSchema.optional(),
    tier: z.string().min(1).max(40).optional(),
    bankAccount: z.string().min(1).max(64).optional(),
  })
  .refine((changes) => Object.values(changes).some((value) => value !== undefined), 'must change something');

function updateCustomer(crm: Crm) {
  return defineAction({
    name: 'crm.updateCustomer',
    verb: 'write',
    record: 'crm.customer',
    says: "Change a customer's record",
    input: z.strictObject({ customerId: CustomerIdSchema, changes: ChangesSchema }),
    attributes: {
      customer: { type: 'customer', of: ({ customerId }) => customerId },
      changes: { type: 'text[]', of: ({ changes }) => namesOf(changes) },
      touchesBankDetails: { type: 'flag', of: ({ changes }) => changes.bankAccount !== undefined },
    },
    sentence: ({ customerId, changes }) => `Change ${namesOf(changes).join(', ')} of customer ${customerId}`,
    inDoubt: 'resend', // the key is unique in the table of changes, written in one transaction with the change
    run: (input, context) => writeAs('changeId', crm, { kind: 'customerChange', ...input }, context),
  });
}

const MoneyShape = { order: OrderNumberSchema, amountMinor: AmountSchema, currency: CurrencySchema };

function proposeRefund(crm: Crm) {
  return defineAction({
    name: 'crm.proposeRefund',
    verb: 'propose',
    record: 'crm.refund',
    says: 'Propose a refund to the people who may grant it. No money moves',
    input: z.strictObject({ ...MoneyShape, reason: z.string().min(1).max(1_000) }),
    attributes: {
      order: { type: 'text', of: ({ order }) => order },
      amountMinor: { type: 'money', of: ({ amountMinor }) => amountMinor },
      currency: { type: 'text', of: ({ currency }) => currency },
    },
    sentence: ({ order, amountMinor, currency }) =>
      `Propose to refund ${moneyInWords(amountMinor, currency)} on order ${order}`,
    inDoubt: 'resend',
    run: (input, context) => writeAs('proposalId', crm, { kind: 'refundProposal', ...input }, context),
  });
}

function refund(crm: Crm) {
  return defineAction({
    name: 'crm.refund',
    verb: 'refund',
    record: 'crm.refund',
    says: 'Refund money to a customer',
    input: z.strictObject({ customerId: CustomerIdSchema, ...MoneyShape }),
    attributes: {
      customer: { type: 'customer', of: ({ customerId }) => customerId },
      order: { type: 'text', of: ({ order }) => order },
      amountMinor: { type: 'money', of: ({ amountMinor }) => amountMinor },
      currency: { type: 'text', of: ({ currency }) => currency },
    },
    sentence: ({ customerId, order, amountMinor, currency }) =>
      `Refund ${moneyInWords(amountMinor, currency)} on order ${order} to customer ${customerId}`,
    inDoubt: 'probe',
    probe: async (_input, { key }): Promise<Probe> => {
      const row = await crm.written(key, 'refund');
      return row === undefined ? { done: false } : { done: true, result: { refundId: row.id } };
    },
    run: (input, context) => writeAs('refundId', crm, { kind: 'refund', ...input }, context),
  });
}

function handOver(crm: Crm) {
  return defineAction({
    name: 'crm.handOver',
    verb: 'propose',
    record: 'crm.handover',
    says: 'Ask a person to take the case over, and say why',
    input: z.strictObject({ messageId: MessageIdSchema, reason: z.string().min(1).max(1_000) }),
    attributes: { messageId: { type: 'text', of: ({ messageId }) => messageId } },
    sentence: ({ messageId }) => `Ask a person to take over message ${messageId}`,
    inDoubt: 'resend',
    run: (input, context) => writeAs('handoverId', crm, { kind: 'handover', ...input }, context),
  });
}

async function writeAs(idName: string, crm: Crm, write: CrmWrite, { key, lease, job }: ActionContext) {
  if (lease.signal.aborted || Date.now() >= lease.deadlineAt)
    throw new NotDoneError('the time to write was over before anything was written', { retryable: true });
  const author: Author = { agent: job.agent, jobId: job.jobId };
  const { id } = await crm.write(key, write, author);
  return { [idName]: id };
}

const aboutCustomer = (customerId: string | undefined): string =>
  customerId === undefined ? '' : ` about customer ${customerId}`;

const namesOf = (changes: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(changes).filter((name) => changes[name] !== undefined);

function definedOnly({
  messageId,
  customerId,
  text,
}: {
  messageId: string;
  customerId?: string | undefined;
  text: string;
}) {
  return { messageId, text, ...(customerId === undefined ? {} : { customerId }) };
}
