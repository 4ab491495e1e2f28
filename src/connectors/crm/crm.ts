import type { Json } from '../../policy/vocabulary.ts';

/** A customer as the company knows it: chosen by us, never taken from a mail. */
export interface Customer {
  /** `C-1001` */
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly tier: string;
  readonly bankAccount: string | null;
  readonly notes: string;
}

export interface OrderItem {
  readonly name: string;
  readonly quantity: number;
}

export interface Order {
  /** `A-20411` */
  readonly number: string;
  readonly customer: string;
  readonly status: string;
  readonly carrier: string | null;
  readonly trackingUrl: string | null;
  readonly totalMinor: number;
  readonly currency: string;
  readonly items: readonly OrderItem[];
}

export interface Invoice {
  /** `1042` */
  readonly id: string;
  readonly order: string;
  readonly customer: string;
  readonly totalMinor: number;
  readonly currency: string;
  /** `2026-10-02` */
  readonly issuedOn: string;
}

/** Who writes, for which case: kept in every row that an agent made. */
export interface Author {
  readonly agent: string;
  readonly jobId: string;
}

/** What an agent may ask to be written; `kind` names the table. */
export type CrmWrite =
  | { readonly kind: 'note'; readonly messageId: string; readonly customerId?: string; readonly text: string }
  | { readonly kind: 'handover'; readonly messageId: string; readonly reason: string }
  | {
      readonly kind: 'refundProposal';
      readonly order: string;
      readonly amountMinor: number;
      readonly currency: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'refund';
      readonly customerId: string;
      readonly order: string;
      readonly amountMinor: number;
      readonly currency: string;
    }
  | { readonly kind: 'customerChange'; readonly customerId: string; readonly changes: CustomerChanges };

export interface CustomerChanges {
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly tier?: string | undefined;
  readonly bankAccount?: string | undefined;
}

/** The row an effect's key stands for. */
export interface Written {
  readonly [field: string]: Json;
  readonly id: number;
}

/** A customer and order database. */
export interface Crm {
  /** Customers with this address and this name, whichever are given; none given finds none. */
  customers(by: { email?: string | undefined; name?: string | undefined }): Promise<readonly Customer[]>;
  order(number: string): Promise<Order | undefined>;
  invoice(id: string): Promise<Invoice | undefined>;
  /** Whether any customer's address is at this domain. */
  hasDomain(domain: string): Promise<boolean>;
  /**
   * Writes a row once per key; the same key again answers with the row that is there.
   *
   * @throws {@link NotDoneError} when it is certain that nothing was written
   */
  write(key: string, write: CrmWrite, author: Author): Promise<Written>;
  /** The row of that key, if there is one. */
  written(key: string, kind: CrmWrite['kind']): Promise<Written | undefined>;
  close(): Promise<void>;
}
