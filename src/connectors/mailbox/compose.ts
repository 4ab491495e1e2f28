import MailComposer from 'nodemailer/lib/mail-composer';
import { domainOf, plain } from '../address.ts';
import type { Mailbox, MailMessage } from './message.ts';
import type { OutgoingMail } from './mail-sender.ts';

/** A file that trusted code fetched to go with a message. */
export interface OutgoingAttachment {
  readonly name: string;
  readonly type: string;
  readonly content: Buffer;
}

/** What a message is made of; addresses have passed `AddressSchema`. */
export interface Letter {
  readonly from: Mailbox;
  readonly to: string;
  readonly cc?: readonly string[];
  readonly subject: string;
  readonly body: string;
  readonly attachments: readonly OutgoingAttachment[];
  /** The message this answers. */
  readonly answers?: MailMessage;
}

/**
 * Composes a letter. Its Message-ID is made from the effect's key, so that a second copy, should there ever be one, is
 * recognised as the same message.
 */
export async function compose(letter: Letter, key: string): Promise<OutgoingMail> {
  const answered = letter.answers?.messageId;
  const to = plain(letter.to);
  const cc = (letter.cc ?? []).map(plain);
  const composer = new MailComposer({
    from: letter.from,
    to: { name: '', address: to },
    cc: cc.map((address) => ({ name: '', address })),
    subject: letter.subject,
    text: letter.body,
    messageId: messageIdFor(key, letter.from.address),
    ...(answered === undefined ? {} : { inReplyTo: answered, references: answered }),
    attachments: letter.attachments.map(({ name, type, content }) => ({ filename: name, contentType: type, content })),
    // INVARIANT: nothing an agent wrote is ever taken for a path or URL to fetch
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return { from: letter.from.address, recipients: [...new Set([to, ...cc])], bytes: await composer.compile().build() };
}

/** The Message-ID an effect's key stands for. */
export function messageIdFor(key: string, from: string): string {
  return `<${key}@${domainOf(from) ?? 'localhost'}>`;
}
