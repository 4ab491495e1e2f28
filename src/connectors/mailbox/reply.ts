import { z } from 'zod';
import type { AttributeDefinition } from '../../activities/action.ts';
import { AddressSchema, domainOf, plain } from '../address.ts';
import { mentionsBankDetails, wordingOf } from './wording.ts';

/** A message's stable id in the mailbox. */
export const MessageIdSchema = z.string().regex(/^[0-9a-f]{12}$/, 'must be 12 lower-case hex digits');

/** A file of ours to send along, by record and id; its bytes are fetched by trusted code. */
export const AttachmentReferenceSchema = z.strictObject({
  record: z.literal('crm.invoice'),
  id: z.string().regex(/^[A-Za-z0-9-]{1,40}$/, 'must be a record id'),
});
export type AttachmentReference = z.infer<typeof AttachmentReferenceSchema>;

/** A header of one line: a line break would start another header. */
const HeaderTextSchema = z
  .string()
  .min(1)
  .max(500)
  .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text), 'must be one line without control characters');

/** Text of several lines, whole characters only. */
const BodySchema = z
  .string()
  .min(1)
  .max(20_000)
  .refine(
    (text) => !/[^\P{Cc}\r\n\t]/u.test(text) && text.isWellFormed(),
    'must be plain text without control characters',
  );

/** A reply to one message of the mailbox, to exactly one address, with copies named one by one. There is no blind copy. */
export const ReplySchema = z.strictObject({
  /** The message this answers. */
  messageId: MessageIdSchema,
  to: AddressSchema,
  cc: z.array(AddressSchema).max(10).optional(),
  subject: HeaderTextSchema,
  body: BodySchema,
  attachments: z.array(AttachmentReferenceSchema).max(5).optional(),
});
export type Reply = z.infer<typeof ReplySchema>;

const recipientsOf = ({ to, cc = [] }: Reply): string[] => [...new Set([to, ...cc].map(plain))];
const domainsOf = (reply: Reply): string[] => [
  ...new Set(recipientsOf(reply).map((address) => domainOf(address) ?? '')),
];
const textOf = ({ subject, body }: Reply): string => `${subject}\n${body}`;

/** What a reply is: whom it reaches, where, what it carries and says. @param ownDomain - what is not external */
export function replyAttributes(ownDomain: string) {
  return {
    messageId: { type: 'text', of: ({ messageId }) => messageId },
    recipient: { type: 'address', of: ({ to }) => plain(to) },
    recipients: { type: 'address[]', of: recipientsOf },
    copies: { type: 'number', of: ({ cc = [] }) => cc.length },
    domain: { type: 'domain[]', of: domainsOf },
    external: { type: 'flag', of: (reply) => domainsOf(reply).some((domain) => domain !== ownDomain) },
    attachments: { type: 'number', of: ({ attachments = [] }) => attachments.length },
    attachmentRecords: {
      type: 'text[]',
      of: ({ attachments = [] }) => attachments.map(({ record, id }) => `${record}:${id}`),
    },
    wording: { type: 'text[]', of: (reply) => wordingOf(textOf(reply)) },
    mentionsBankDetails: { type: 'flag', of: (reply) => mentionsBankDetails(textOf(reply)) },
  } as const satisfies Record<string, AttributeDefinition<Reply>>;
}

/** The file name a referenced record is sent under: `invoice-1042.pdf`. */
export function fileNameOf({ record, id }: AttachmentReference): string {
  return `${record.split('.')[1] ?? record}-${id}.pdf`;
}

/** `dana@acme.example with invoice-1042.pdf`: whom a reply goes to, and every file and copy with it. */
export function addressed({ to, cc = [], attachments = [] }: Reply): string {
  const copies = cc.length === 0 ? '' : ` with a copy to ${cc.map(plain).join(', ')}`;
  const files = attachments.length === 0 ? '' : ` with ${attachments.map(fileNameOf).join(', ')}`;
  return `${plain(to)}${copies}${files}`;
}
