import type { MailMessage } from './message.ts';

/** One file of a mailbox: a message's stable id, or why it has none. */
export interface MailEntry {
  /** First 12 hex digits of the SHA-256 of its bytes: the same bytes are the same message. */
  readonly id: string;
  /** Where it lies, such as `new/01-where-is-my-order.eml`. */
  readonly origin: string;
  /** Set when it could not even be opened. */
  readonly unreadable?: string;
}

/** Where messages come from. A source is only ever read. */
export interface MailSource {
  /** Every file of the mailbox, in the order of their names. */
  list(): Promise<readonly MailEntry[]>;
  /**
   * @throws {@link MailNotFoundError} when no message of that id is there
   * @throws {@link UnreadableMailError} when it is there and cannot be worked on
   */
  read(id: string): Promise<MailMessage>;
  /** The message's bytes as they came. @throws {@link MailNotFoundError} */
  raw(id: string): Promise<Buffer>;
}
