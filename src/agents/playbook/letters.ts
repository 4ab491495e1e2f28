import type { Knowledge, Order } from './knowledge.ts';

/** The texts of replies. Facts in them come from our records, never from the message they answer. */
export const letters = {
  status: (known: Knowledge): string =>
    letter(known, known.orders.map(statusOf).join('\n'), 'If anything is missing, just answer this mail.'),
  invoice: (known: Knowledge): string =>
    letter(known, 'Please find the invoice you asked for attached.', ...known.orders.map(statusOf)),
  askForNumber: (known: Knowledge): string =>
    letter(known, 'Which order do you mean? Its number starts with A- and is on your confirmation.'),
  notFound: (known: Knowledge): string =>
    letter(
      known,
      'We could not match the number you gave with your account. A colleague will look into it and write to you.',
    ),
  refundPassedOn: (known: Knowledge): string =>
    letter(known, 'We are sorry about the trouble. A colleague will decide on your request and write to you.'),
  writeFromKnownAddress: (known: Knowledge): string =>
    letter(
      known,
      'We do not know this address. Please write to us from the one you ordered with, and we will gladly help.',
    ),
  whoOfYou: (known: Knowledge): string =>
    letter(
      known,
      'More than one of our customers uses this address. A colleague will get in touch to find out whom this is about.',
    ),
  bankByPhone: (known: Knowledge): string =>
    letter(
      known,
      'To protect you, we never change payment details by mail. A colleague will call you on the number we have.',
    ),
};

function letter({ customers = [] }: Knowledge, ...paragraphs: readonly string[]): string {
  const name = customers.length === 1 ? ` ${customers[0]?.name ?? ''}` : '';
  return [`Hello${name},`, ...paragraphs, 'Kind regards\nAcme Support'].join('\n\n');
}

function statusOf({ number, status, carrier, trackingUrl }: Order): string {
  const by = carrier === null ? '' : ` with ${carrier}`;
  const track = trackingUrl === null ? '' : ` You can follow it at ${trackingUrl}`;
  return `Your order ${number} is ${status}${by}.${track}`;
}
