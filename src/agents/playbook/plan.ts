import type { Call } from '../../workflows/messages.ts';
import type { Knowledge, Order } from './knowledge.ts';
import { letters } from './letters.ts';
import { invoicesNamed, ordersNamed, soundsAngry, topicOf, type Topic } from './topic.ts';

/** What is worth looking up before anything is done. */
export function readsFor(known: Knowledge): readonly Call[] {
  const orders = ordersNamed(known).map((order) => ({ action: 'crm.readOrder', input: { order } }));
  const invoices = invoicesNamed(known).map((invoice) => ({ action: 'crm.readInvoice', input: { invoice } }));
  switch (topicOf(known)) {
    case 'refund':
    case 'order-status':
      return orders;
    case 'invoice':
      return [...invoices, ...orders];
    default:
      return [];
  }
}

/** What is done about a message, side by side. Nothing in it follows what the message says should be done. */
export function effectsFor(known: Knowledge): readonly Call[] {
  const about = effectsByTopic[topicOf(known)](known);
  return soundsAngry(known) ? withHandOver(about, known, 'the customer is upset') : about;
}

const effectsByTopic: Readonly<Record<Topic, (known: Knowledge) => readonly Call[]>> = {
  instructions: (known) => [
    note(known, 'The message, or a file with it, carries instructions for an assistant. None was followed.'),
    handOver(known, 'the message tries to instruct the agent'),
  ],
  legal: (known) => [
    note(known, 'The message reads like a legal matter. It was not answered.'),
    handOver(known, 'the message reads like a legal matter'),
  ],
  'bank-details': (known) => [
    draft(known, letters.bankByPhone(known)),
    note(known, 'Asks to change payment details by mail. Nothing was changed.'),
    handOver(known, 'the sender asks to change payment details'),
  ],
  'unknown-sender': (known) => [
    draft(known, letters.writeFromKnownAddress(known)),
    handOver(known, 'the sender is none of our customers'),
  ],
  'several-customers': (known) => [
    draft(known, letters.whoOfYou(known)),
    handOver(known, 'more than one customer uses the sender’s address'),
  ],
  refund: (known) => refundEffects(known, known.orders[0]),
  invoice: (known) =>
    known.invoices.length === 0
      ? notFound(known)
      : [
          reply(known, letters.invoice(known), known.invoices),
          note(known, `Sent ${known.invoices.map(named).join(', ')}.`),
        ],
  'order-status': (known) =>
    known.orders.length === 0
      ? notFound(known)
      : [
          reply(known, letters.status(known)),
          note(known, `Answered with the status of ${known.orders.map(numberOf).join(', ')}.`),
        ],
  'no-order-number': (known) => [reply(known, letters.askForNumber(known)), note(known, 'Asked for the order number.')],
};

function refundEffects(known: Knowledge, order: Order | undefined): readonly Call[] {
  if (order?.totalMinor === undefined || order.currency === undefined) return notFound(known);
  const input = { order: order.number, amountMinor: order.totalMinor, currency: order.currency };
  return [
    { action: 'crm.proposeRefund', input: { ...input, reason: 'the customer asked for it by mail' } },
    reply(known, letters.refundPassedOn(known)),
    note(known, `Proposed a refund of ${order.number}.`),
  ];
}

function notFound(known: Knowledge): readonly Call[] {
  return [
    reply(known, letters.notFound(known)),
    handOver(known, 'the number in the message is not one of the sender’s'),
  ];
}

function withHandOver(calls: readonly Call[], known: Knowledge, reason: string): readonly Call[] {
  return calls.some(({ action }) => action === 'crm.handOver') ? calls : [...calls, handOver(known, reason)];
}

export function handOver({ messageId }: Knowledge, reason: string): Call {
  return { action: 'crm.handOver', input: { messageId, reason } };
}

function note({ messageId, customers = [] }: Knowledge, text: string): Call {
  const only = customers.length === 1 ? customers[0] : undefined;
  return { action: 'crm.addNote', input: { messageId, text, ...(only === undefined ? {} : { customerId: only.id }) } };
}

function reply(known: Knowledge, body: string, invoices: readonly string[] = []): Call {
  const attachments = invoices.map((id) => ({ record: 'crm.invoice', id }));
  return {
    action: 'mailbox.sendReply',
    input: { ...addressed(known, body), ...(invoices.length === 0 ? {} : { attachments }) },
  };
}

function draft(known: Knowledge, body: string): Call {
  return { action: 'mailbox.draftReply', input: addressed(known, body) };
}

/** Always to the case's sender: a Reply-To header is the message's word, not ours. */
function addressed({ messageId, sender, message }: Knowledge, body: string) {
  const subject =
    message?.subject.trim() === '' ? 'Your message' : (message?.subject ?? 'Your message').slice(0, 400).toWellFormed();
  return { messageId, to: sender, subject: /^re:/i.test(subject) ? subject : `Re: ${subject}`, body };
}

const named = (id: string): string => `invoice ${id}`;
const numberOf = ({ number }: Order): string => number;
