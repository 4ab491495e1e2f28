import type { Knowledge } from './knowledge.ts';

/** What a message is about, the most delicate first: one that is several things is treated as the first of them. */
export type Topic =
  | 'instructions'
  | 'legal'
  | 'bank-details'
  | 'unknown-sender'
  | 'several-customers'
  | 'refund'
  | 'invoice'
  | 'order-status'
  | 'no-order-number';

const INSTRUCTIONS =
  /\b(ignore|disregard|forget)\b.{0,30}\b(instructions|rules|prompt)\b|\bsystem (notice|prompt|message)\b|\bto the (support )?(assistant|agent|ai)\b|\byou are now\b|\bforward (all|every|the)\b.{0,40}\bto \S+@/is;
const LEGAL =
  /\b(lawyers?|attorney|solicitor|lawsuit|sue|litigation|breach of contract|damages|rechtsanwalt|anwalt|avocat)\b/i;
const BANK = /\b(iban|bic|bank (account|details)|account number|direct debit|kontonummer|bankverbindung)\b/i;
const REFUND = /\b(refund|money back|reimburse\w*|erstattung|rembours\w*)\b/i;
const INVOICE = /\b(invoices?|rechnung|facture)\b/i;
const ANGER = /\b(furious|ridiculous|unacceptable|outrageous|worst|incompetent|scam|disgrace)\b/i;

export function topicOf(known: Knowledge): Topic {
  const asked = askedIn(known);
  const carried = `${asked}\n${known.message?.attachmentText ?? ''}`;
  if (INSTRUCTIONS.test(carried)) return 'instructions';
  if (LEGAL.test(asked)) return 'legal';
  if (BANK.test(asked)) return 'bank-details';
  if (known.customers === undefined || known.customers.length === 0) return 'unknown-sender';
  if (known.customers.length > 1) return 'several-customers';
  if (REFUND.test(asked)) return 'refund';
  if (INVOICE.test(asked) && invoicesNamed(known).length > 0) return 'invoice';
  return ordersNamed(known).length > 0 ? 'order-status' : 'no-order-number';
}

export const soundsAngry = (known: Knowledge): boolean => ANGER.test(askedIn(known));

/** At most three order numbers the sender wrote, quoted text left out. */
export function ordersNamed(known: Knowledge): readonly string[] {
  const numbers = [...askedIn(known).matchAll(/\bA-\d{5}\b/gi)].map(([number]) => number.toUpperCase());
  return [...new Set(numbers)].slice(0, 3);
}

export function invoicesNamed(known: Knowledge): readonly string[] {
  const numbers = [...askedIn(known).matchAll(/\b(?:invoices?|rechnung|facture)\b[^\d\n]{0,15}(\d{4})\b/gi)];
  return [...new Set(numbers.map(([, id]) => id ?? ''))].slice(0, 2);
}

/** Subject and text without what is quoted from earlier mails. */
function askedIn({ message }: Knowledge): string {
  const own = (message?.text ?? '').split('\n').filter((line) => !line.startsWith('>'));
  return [message?.subject ?? '', ...own].join('\n');
}
