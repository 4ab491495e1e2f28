import { z } from 'zod';
import type { Situation } from '../../activities/brain.ts';
import type { Call, CallResult } from '../../workflows/messages.ts';

const MessageSchema = z.object({
  subject: z.string().default(''),
  text: z.string().default(''),
  attachmentText: z.string().default(''),
});
const CustomerSchema = z.object({ id: z.string(), name: z.string().default('customer') });
const OrderSchema = z.object({
  number: z.string(),
  status: z.string(),
  carrier: z.string().nullable().default(null),
  trackingUrl: z.string().nullable().default(null),
  totalMinor: z.int().optional(),
  currency: z.string().optional(),
});
const InvoiceSchema = z.object({ id: z.string() });
export type Customer = z.infer<typeof CustomerSchema>;
export type Order = z.infer<typeof OrderSchema>;

/** A call and what became of it. */
export interface Tried {
  readonly call: Call;
  readonly result: CallResult;
}

/** What the transcript has taught so far. Absent means not known, which is not the same as none. */
export interface Knowledge {
  readonly messageId: string;
  readonly sender: string;
  readonly message?: z.infer<typeof MessageSchema>;
  readonly customers?: readonly Customer[];
  readonly orders: readonly Order[];
  readonly invoices: readonly string[];
  readonly tried: readonly Tried[];
}

export function learn({ case: about, transcript }: Situation): Knowledge {
  const tried = transcript.flatMap(({ calls, results }) =>
    calls.flatMap((call, index) => (results[index] === undefined ? [] : [{ call, result: results[index] }])),
  );
  const message = read(tried, 'mailbox.readMessage', MessageSchema)?.[0];
  const customers = read(tried, 'crm.findCustomer', CustomerSchema);
  return {
    messageId: typeof about.messageId === 'string' ? about.messageId : '',
    sender: typeof about.sender === 'string' ? about.sender : '',
    ...(message === undefined ? {} : { message }),
    ...(customers === undefined ? {} : { customers }),
    orders: read(tried, 'crm.readOrder', OrderSchema) ?? [],
    invoices: (read(tried, 'crm.readInvoice', InvoiceSchema) ?? []).map(({ id }) => id),
    tried,
  };
}

/** The records that reads by this action returned; `undefined` when none of them got through. */
function read<Value>(tried: readonly Tried[], action: string, fields: z.ZodType<Value>): readonly Value[] | undefined {
  const shape = z.object({ records: z.array(z.object({ fields })) });
  const answers = tried.flatMap(({ call, result }) =>
    call.action === action && result.outcome === 'done' ? [shape.safeParse(result.result)] : [],
  );
  const understood = answers.flatMap(({ data }) =>
    data === undefined ? [] : [data.records.map((record) => record.fields)],
  );
  return understood.length === 0 ? undefined : understood.flat();
}
