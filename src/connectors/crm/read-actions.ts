import { z } from 'zod';
import { defineAction, type Action } from '../../activities/action.ts';
import type { Label } from '../../policy/vocabulary.ts';
import { AddressSchema, plain } from '../address.ts';
import type { Crm, Customer } from './crm.ts';
import { InvoiceIdSchema, OrderNumberSchema } from './ids.ts';

/** Looking things up. Each read names what it looks for, so a charter can say whose records a job may see. */
export function crmReadActions(crm: Crm): readonly Action[] {
  return [findCustomer(crm), readOrder(crm), readInvoice(crm)];
}

const WhoSchema = z
  .strictObject({ email: AddressSchema.optional(), name: z.string().min(1).max(200).optional() })
  .refine(({ email, name }) => email !== undefined || name !== undefined, 'must give an email, a name or both');

function findCustomer(crm: Crm) {
  return defineAction({
    name: 'crm.findCustomer',
    verb: 'read',
    record: 'crm.customer',
    says: 'Find customers by email, name or both; more than one may answer',
    input: WhoSchema,
    attributes: {
      email: { type: 'address', of: ({ email }) => (email === undefined ? undefined : plain(email)) },
      name: { type: 'text', of: ({ name }) => name },
    },
    sentence: ({ email, name }) => `Look up the customer ${[name, email].filter(Boolean).join(', ')}`,
    fields: ['id', 'name', 'email', 'tier', 'bankAccount', 'notes'],
    run: async ({ email, name }) => {
      const found = await crm.customers({ email: email === undefined ? undefined : plain(email), name });
      return {
        records: found.map((customer) => ({
          id: customer.id,
          fields: { ...customer },
          labels: labelsOf(customer),
          origin: `crm:customers/${customer.id}`,
        })),
      };
    },
  });
}

/** A customer whose bank account we hold is someone a leak could hurt. */
function labelsOf({ bankAccount }: Customer): readonly Label[] {
  return bankAccount === null ? ['trusted'] : ['trusted', 'sensitive'];
}

function readOrder(crm: Crm) {
  return defineAction({
    name: 'crm.readOrder',
    verb: 'read',
    record: 'crm.order',
    says: 'Read one order by its number',
    input: z.strictObject({ order: OrderNumberSchema }),
    attributes: { order: { type: 'text', of: ({ order }) => order } },
    sentence: ({ order }) => `Read order ${order}`,
    fields: ['number', 'customer', 'status', 'carrier', 'trackingUrl', 'totalMinor', 'currency', 'items'],
    run: async ({ order: number }) => {
      const order = await crm.order(number);
      if (order === undefined) return { records: [] };
      const fields = { ...order, items: order.items.map((item) => ({ ...item })) };
      return { records: [{ id: number, fields, labels: ['trusted'], origin: `crm:orders/${number}` }] };
    },
  });
}

function readInvoice(crm: Crm) {
  return defineAction({
    name: 'crm.readInvoice',
    verb: 'read',
    record: 'crm.invoice',
    says: 'Read one invoice by its number',
    input: z.strictObject({ invoice: InvoiceIdSchema }),
    attributes: { invoice: { type: 'text', of: ({ invoice }) => invoice } },
    sentence: ({ invoice }) => `Read invoice ${invoice}`,
    fields: ['id', 'order', 'customer', 'totalMinor', 'currency', 'issuedOn'],
    run: async ({ invoice: id }) => {
      const invoice = await crm.invoice(id);
      if (invoice === undefined) return { records: [] };
      return { records: [{ id, fields: { ...invoice }, labels: ['trusted'], origin: `crm:invoices/${id}` }] };
    },
  });
}
