import { simpleParser, type AddressObject, type Attachment, type ParsedMail } from 'mailparser';
import { normalAddress } from '../address.ts';
import { UnreadableMailError, type Mailbox, type MailMessage } from './message.ts';

const TEXT_LIMIT = 50_000;
const HTML_LIMIT = 1_000_000;
const LINK_LIMIT = 50;
const ATTACHMENT_LIMIT = 50;
const QUOTED_DEPTH = 3;
const SUBJECT_LIMIT = 500;

/**
 * Reads the bytes of one message; what is broken still gives what can be had.
 *
 * @throws {@link UnreadableMailError} when the bytes are not a message at all
 */
export async function parseMessage(bytes: Buffer, at: { id: string; origin: string }): Promise<MailMessage> {
  assertLooksLikeMail(bytes);
  const mail = await read(bytes);
  const subject = clip(oneLine(mail.subject ?? ''), SUBJECT_LIMIT);
  const messageId = wellFormedId(mail.messageId);
  return {
    ...at,
    ...(messageId === undefined ? {} : { messageId }),
    ...(mail.date === undefined || Number.isNaN(mail.date.getTime()) ? {} : { date: mail.date.getTime() }),
    from: everyFrom(mail),
    replyTo: mailboxes(mail.replyTo),
    to: mailboxes(mail.to),
    subject,
    text: clip(mail.text ?? '', TEXT_LIMIT),
    attachments: mail.attachments.slice(0, ATTACHMENT_LIMIT).map(summaryOf),
    attachmentText: clip(await textWithin(mail.attachments, QUOTED_DEPTH), TEXT_LIMIT),
    links: linksOf(mail),
  };
}

function assertLooksLikeMail(bytes: Buffer): void {
  if (bytes.length === 0) throw new UnreadableMailError('the file is empty');
  const head = bytes.subarray(0, 4096);
  if (head.includes(0)) throw new UnreadableMailError('the file is binary data, not a mail message');
  if (!/^(From .*\r?\n)?[!-9;-~]+[ \t]*:/.test(head.toString('latin1')))
    throw new UnreadableMailError('the file does not begin with mail headers');
  if (isMbox(bytes))
    throw new UnreadableMailError('the file is an mbox of several messages; it needs one file for each');
}

function isMbox(bytes: Buffer): boolean {
  return (
    bytes.subarray(0, 5).toString('latin1') === 'From ' && /\n\r?\nFrom \S+ .*\d{4}\r?\n/.test(bytes.toString('latin1'))
  );
}

async function read(bytes: Buffer): Promise<ParsedMail> {
  try {
    return await simpleParser(bytes, { maxHtmlLengthToParse: HTML_LIMIT, skipTextToHtml: true, skipImageLinks: true });
  } catch (cause) {
    throw new UnreadableMailError(`it cannot be parsed: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** Every address claimed in any From header: neither a second header nor an odd address may hide behind a good one. */
function everyFrom(mail: ParsedMail): readonly Mailbox[] {
  const named = mailboxes(mail.from);
  const headers = mail.headerLines.filter(({ key }) => key === 'from').length;
  const hidden = headers > 1 || entriesOf(mail.from).length > named.length;
  return hidden && named.length === 1 ? [...named, { name: '', address: 'another that is no plain address' }] : named;
}

function entriesOf(found: AddressObject | AddressObject[] | undefined) {
  const entries = [found ?? []].flat().flatMap(({ value }) => value);
  return entries.flatMap((entry) => (entry.group === undefined ? [entry] : entry.group));
}

function mailboxes(found: AddressObject | AddressObject[] | undefined): readonly Mailbox[] {
  return entriesOf(found).flatMap(({ address, name }) => {
    const normal = address === undefined ? undefined : normalAddress(address);
    return normal === undefined ? [] : [{ name: clip(oneLine(name), 200), address: normal }];
  });
}

function summaryOf({ filename, contentType, size }: Attachment) {
  return { name: clip(oneLine(filename ?? 'unnamed'), 200), type: clip(oneLine(contentType), 100), size };
}

/** Text files as they are and quoted messages with what they carry; other types are only named. */
async function textWithin(attachments: readonly Attachment[], depth: number): Promise<string> {
  const parts = await Promise.all(
    attachments.slice(0, ATTACHMENT_LIMIT).map((attachment) => textOf(attachment, depth)),
  );
  return parts.filter((part) => part !== '').join('\n\n');
}

async function textOf({ contentType, filename, content }: Attachment, depth: number): Promise<string> {
  if (contentType === 'message/rfc822' || /\.eml$/i.test(filename ?? ''))
    return depth > 0 ? quotedText(content, depth) : '';
  return contentType.startsWith('text/') ? content.subarray(0, TEXT_LIMIT).toString('utf8') : '';
}

async function quotedText(content: Buffer, depth: number): Promise<string> {
  try {
    const mail = await read(content);
    return [mail.subject ?? '', mail.text ?? '', await textWithin(mail.attachments, depth - 1)].join('\n').trim();
  } catch {
    return '';
  }
}

function linksOf({ html, text }: ParsedMail): readonly string[] {
  const hrefs = [
    ...(html || '').slice(0, HTML_LIMIT).matchAll(/\bhref\s*=\s*["']?((?:https?:|mailto:)[^"'\s>]{1,2000})/gi),
  ];
  const written = [...(text ?? '').slice(0, HTML_LIMIT).matchAll(/\b(https?:\/\/[^\s<>"')\]]{1,2000})/gi)];
  return [...new Set([...hrefs, ...written].map(([, link]) => clip(link ?? '', 2_000)))].slice(0, LINK_LIMIT);
}

function wellFormedId(id: string | undefined): string | undefined {
  return id !== undefined && /^<[!-;=?-~]{1,300}>$/.test(id) ? id : undefined;
}

const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

/** Cut to the limit, and without what no database text holds: NUL characters and halves of characters. */
function clip(text: string, limit: number): string {
  const cut = text.length > limit ? `${text.slice(0, limit)} […]` : text;
  return cut.toWellFormed().replaceAll('\0', '\ufffd');
}
