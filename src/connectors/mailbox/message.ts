import { RemitError } from '../../policy/error.ts';

/** A party of a message: its address as {@link normalAddress} writes it, and the name it gave itself, which proves nothing. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** What is said of an attachment; its bytes stay with the source. */
export interface AttachmentSummary {
  readonly name: string;
  readonly type: string;
  /** Bytes after decoding. */
  readonly size: number;
}

/** One message as it could be read. Everything in it was written by an outsider. */
export interface MailMessage {
  /** First 12 hex digits of the SHA-256 of the message's bytes. */
  readonly id: string;
  /** Where it lies, such as `maildir:new/1.eml`. */
  readonly origin: string;
  /** Its own Message-ID with angle brackets, when it carries a well-formed one. */
  readonly messageId?: string;
  readonly from: readonly Mailbox[];
  readonly replyTo: readonly Mailbox[];
  readonly to: readonly Mailbox[];
  readonly subject: string;
  /** Epoch milliseconds. */
  readonly date?: number;
  readonly text: string;
  readonly attachments: readonly AttachmentSummary[];
  /** What could be read as text inside attachments, quoted messages included. */
  readonly attachmentText: string;
  readonly links: readonly string[];
}

/** A file that is not a message anyone could work on; the message says why, in one plain line. */
export class UnreadableMailError extends RemitError {
  override readonly name = 'UnreadableMailError';
  readonly code = 'MAIL_UNREADABLE';
}

/** The mailbox itself cannot be opened. */
export class MailboxUnreadableError extends RemitError {
  override readonly name = 'MailboxUnreadableError';
  readonly code = 'MAILBOX_UNREADABLE';
  readonly dir: string;

  constructor(dir: string, cause: unknown) {
    super(`mailbox \`${dir}\` cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.dir = dir;
  }
}

/** No message of that id is in the mailbox (any more). */
export class MailNotFoundError extends RemitError {
  override readonly name = 'MailNotFoundError';
  readonly code = 'MAIL_NOT_FOUND';
  readonly messageId: string;

  constructor(messageId: string) {
    super(`no message \`${messageId}\` is in the mailbox`);
    this.messageId = messageId;
  }
}

/**
 * The one address a message says it is from.
 *
 * @throws {@link UnreadableMailError} when there is none or more than one
 */
export function senderOf(message: MailMessage): string {
  const [sender, ...others] = message.from;
  if (sender === undefined)
    throw new UnreadableMailError('it has no usable From address, so there is nobody to answer');
  if (others.length > 0)
    throw new UnreadableMailError(
      `it claims ${message.from.length} From addresses (${message.from.map(({ address }) => address).join(', ')}), so its sender is unclear`,
    );
  return sender.address;
}
