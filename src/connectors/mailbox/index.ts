export { mailboxActions, type MailboxPorts } from './actions.ts';
export type { OutgoingAttachment } from './compose.ts';
export { mailboxFacts } from './facts.ts';
export type { MailReceipt, MailSender, OutgoingMail } from './mail-sender.ts';
export type { MailEntry, MailSource } from './mail-source.ts';
export { maildir, type MaildirOptions } from './maildir.ts';
export { senderOf, type Mailbox, type MailMessage } from './message.ts';
export type { AttachmentReference } from './reply.ts';
export { smtpSender, type SmtpOptions } from './smtp.ts';
