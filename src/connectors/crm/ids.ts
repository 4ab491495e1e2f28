import { z } from 'zod';

export const CustomerIdSchema = z.string().regex(/^C-\d{4}$/, 'must look like C-1001');
export const OrderNumberSchema = z.string().regex(/^A-\d{5}$/, 'must look like A-20411');
export const InvoiceIdSchema = z.string().regex(/^\d{4}$/, 'must look like 1042');
/** ISO 4217, upper case. */
export const CurrencySchema = z.string().regex(/^[A-Z]{3}$/, 'must be a currency code such as EUR');
/** Minor units: 1250 EUR is 12.50. */
export const AmountSchema = z.int().positive().max(100_000_000);

/** `12.50 EUR`, for people. */
export function moneyInWords(amountMinor: number, currency: string): string {
  return `${Math.trunc(amountMinor / 100)}.${String(amountMinor % 100).padStart(2, '0')} ${currency}`;
}
