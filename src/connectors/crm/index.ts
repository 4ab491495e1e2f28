import type { Action } from '../../activities/action.ts';
import type { Crm } from './crm.ts';
import { crmReadActions } from './read-actions.ts';
import { crmWriteActions } from './write-actions.ts';

export type { Author, Crm, CrmWrite, Customer, CustomerChanges, Invoice, Order, Written } from './crm.ts';
export { crmFacts } from './facts.ts';
export { invoicePdf } from './invoice-pdf.ts';
export { postgresCrm, type PostgresCrmOptions } from './postgres-crm.ts';

/** The customer database's verbs. A charter decides which of them an agent may use; the database role is a second wall. */
export function crmActions(crm: Crm): readonly Action[] {
  return [...crmReadActions(crm), ...crmWriteActions(crm)];
}
