import type { ActionContext } from '../../activities/action.ts';

/** A message ready to go: composed by trusted code, its envelope apart from its headers. */
export interface OutgoingMail {
  readonly from: string;
  readonly recipients: readonly string[];
  readonly bytes: Buffer;
}

/** What the server said when it took the message. */
export interface MailReceipt {
  readonly accepted: readonly string[];
  readonly rejected: readonly string[];
  readonly response: string;
}

/** Where messages go out. */
export interface MailSender {
  /**
   * @throws {@link NotDoneError} when it is certain that the server took nothing
   * @throws Error when the message was on its way and no reply came: in doubt
   */
  send(mail: OutgoingMail, context: Pick<ActionContext, 'lease' | 'credential'>): Promise<MailReceipt>;
}
