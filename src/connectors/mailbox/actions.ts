import { z } from 'zod';
import { defineAction, type Action, type ActionContext } from '../../activities/action.ts';
import { NotDoneError } from '../../activities/not-done-error.ts';
import { AddressSchema, domainOf, plain } from '../address.ts';
import { compose, messageIdFor, type Letter, type OutgoingAttachment } from './compose.ts';
import { keepFile } from './keep-file.ts';
import type { MailSender } from './mail-sender.ts';
import type { MailSource } from './mail-source.ts';
import { MailNotFoundError, senderOf, UnreadableMailError, type Mailbox, type MailMessage } from './message.ts';
import {
  addressed,
  fileNameOf,
  MessageIdSchema,
  replyAttributes,
  ReplySchema,
  type AttachmentReference,
  type Reply,
} from './reply.ts';
import { moveToTrash } from './trash.ts';

export interface MailboxPorts {
  readonly source: MailSource;
  readonly sender: MailSender;
  /** Whom mail comes from: `{ name: 'Acme Support', address: 'support@acme.example' }`. Its domain is the house's own. */
  readonly from: Mailbox;
  /** Fetches a record of ours as a file; `undefined` when there is none. */
  readonly attachment: (reference: AttachmentReference) => Promise<OutgoingAttachment | undefined>;
  readonly draftsDir: string;
  readonly trashDir: string;
}

/** The mailbox's verbs, bound to one mailbox. A charter decides which of them an agent may use. */
export function mailboxActions(ports: MailboxPorts): readonly Action[] {
  return [readMessage(ports), draftReply(ports), sendReply(ports), forwardMessage(ports), deleteMessage(ports)];
}

const OneMessageSchema = z.strictObject({ messageId: MessageIdSchema });

function readMessage({ source }: MailboxPorts) {
  return defineAction({
    name: 'mailbox.readMessage',
    verb: 'read',
    record: 'mailbox.message',
    says: 'Read one message of the mailbox. What it says was written by an outsider',
    input: OneMessageSchema,
    attributes: { messageId: { type: 'text', of: ({ messageId }) => messageId } },
    sentence: ({ messageId }) => `Read message ${messageId}`,
    fields: ['from', 'replyTo', 'to', 'subject', 'date', 'text', 'attachments', 'attachmentText', 'links'],
    run: async ({ messageId }) => {
      const message = await source.read(messageId).catch(asNotDone);
      return {
        records: [{ id: message.id, fields: fieldsOf(message), labels: ['untrusted'], origin: message.origin }],
      };
    },
  });
}

function fieldsOf(message: MailMessage) {
  return {
    from: message.from.length === 1 ? senderOf(message) : null,
    replyTo: message.replyTo.map(({ address }) => address),
    to: message.to.map(({ address }) => address),
    subject: message.subject,
    date: message.date === undefined ? null : new Date(message.date).toISOString(),
    text: message.text,
    attachments: message.attachments.map((attachment) => ({ ...attachment })),
    attachmentText: message.attachmentText,
    links: message.links,
  };
}

function draftReply(ports: MailboxPorts) {
  return defineAction({
    name: 'mailbox.draftReply',
    verb: 'draft',
    record: 'mailbox.reply',
    says: 'Write a reply into the drafts folder, for a person to look at. Nothing is sent',
    input: ReplySchema,
    attributes: replyAttributes(ownDomainOf(ports)),
    sentence: (reply) => `Keep a draft to ${addressed(reply)}`,
    inDoubt: 'resend', // the key names the file, so a repeat is the same file
    run: async (reply, { key }) => {
      const { bytes } = await compose(await letterOf(reply, ports), key);
      await keepFile(ports.draftsDir, `${key}.eml`, bytes);
      return { draft: `${key}.eml` };
    },
  });
}

function sendReply(ports: MailboxPorts) {
  return defineAction({
    name: 'mailbox.sendReply',
    verb: 'send',
    record: 'mailbox.reply',
    says: 'Send a reply to a message of the mailbox; files are named by record and fetched for you',
    input: ReplySchema,
    attributes: replyAttributes(ownDomainOf(ports)),
    sentence: (reply) => `Send this reply to ${addressed(reply)}`,
    draftable: true,
    inDoubt: 'person', // plain SMTP can be neither asked nor told twice safely
    run: async (reply, context) => dispatch(await letterOf(reply, ports), ports, context),
  });
}

const ForwardSchema = z.strictObject({
  messageId: MessageIdSchema,
  to: AddressSchema,
  note: z.string().max(5_000).optional(),
});

function forwardMessage(ports: MailboxPorts) {
  return defineAction({
    name: 'mailbox.forwardMessage',
    verb: 'send',
    record: 'mailbox.message',
    says: 'Forward a message of the mailbox as it came',
    input: ForwardSchema,
    attributes: {
      messageId: { type: 'text', of: ({ messageId }) => messageId },
      recipient: { type: 'address', of: ({ to }) => plain(to) },
      recipients: { type: 'address[]', of: ({ to }) => [plain(to)] },
      domain: { type: 'domain[]', of: ({ to }) => [domainOf(to) ?? ''] },
      external: { type: 'flag', of: ({ to }) => domainOf(to) !== ownDomainOf(ports) },
    },
    sentence: ({ messageId, to }) => `Forward message ${messageId} to ${plain(to)}`,
    inDoubt: 'person',
    run: async ({ messageId, to, note }, context) => {
      const original = await ports.source.read(messageId).catch(asNotDone);
      const content = await ports.source.raw(messageId).catch(asNotDone);
      const attachments = [{ name: `${messageId}.eml`, type: 'message/rfc822', content }];
      const body = note ?? 'Forwarded message attached.';
      return dispatch({ from: ports.from, to, subject: `Fwd: ${original.subject}`, body, attachments }, ports, context);
    },
  });
}

function deleteMessage({ source, trashDir }: MailboxPorts) {
  return defineAction({
    name: 'mailbox.deleteMessage',
    verb: 'delete',
    record: 'mailbox.message',
    says: 'Move a message to the trash folder',
    input: OneMessageSchema,
    attributes: { messageId: { type: 'text', of: ({ messageId }) => messageId } },
    sentence: ({ messageId }) => `Move message ${messageId} to the trash`,
    inDoubt: 'resend', // the id names the file, so a repeat changes nothing
    run: async ({ messageId }) => {
      const bytes = await source.raw(messageId).catch((error: unknown) => alreadyGone(error));
      if (bytes !== undefined) await moveToTrash(trashDir, messageId, bytes);
      return { deleted: messageId };
    },
  });
}

const ownDomainOf = ({ from }: MailboxPorts): string => domainOf(from.address) ?? '';

async function letterOf(reply: Reply, ports: MailboxPorts): Promise<Letter> {
  const answers = await ports.source.read(reply.messageId).catch(asNotDone);
  const attachments = await Promise.all((reply.attachments ?? []).map((reference) => fetched(reference, ports)));
  return {
    from: ports.from,
    to: reply.to,
    cc: reply.cc ?? [],
    subject: reply.subject,
    body: reply.body,
    attachments,
    answers,
  };
}

async function fetched(reference: AttachmentReference, { attachment }: MailboxPorts): Promise<OutgoingAttachment> {
  const file = await attachment(reference).catch((cause: unknown) => {
    throw new NotDoneError(`${fileNameOf(reference)} could not be fetched`, { retryable: true, cause });
  });
  if (file === undefined) throw new NotDoneError(`there is no ${fileNameOf(reference)}`, { retryable: false });
  return { ...file, name: fileNameOf(reference) };
}

async function dispatch(letter: Letter, { sender }: MailboxPorts, context: ActionContext) {
  const mail = await compose(letter, context.key).catch(asNotDone);
  const { accepted, rejected, response } = await sender.send(mail, context);
  return { messageId: messageIdFor(context.key, letter.from.address), accepted, rejected, response };
}

/** Whatever fails before the sender is asked is known not to have happened; a missing message will stay missing. */
function asNotDone(error: unknown): never {
  if (error instanceof NotDoneError) throw error;
  const lasting = error instanceof MailNotFoundError || error instanceof UnreadableMailError;
  const message = error instanceof Error ? error.message : String(error);
  throw new NotDoneError(message, { retryable: !lasting, cause: error });
}

function alreadyGone(error: unknown): undefined {
  if (error instanceof MailNotFoundError) return undefined;
  throw error;
}
