import { defineFact, type FactDefinition, type FactQuestion } from '../../activities/fact.ts';
import type { Json } from '../../policy/vocabulary.ts';
import { domainOf } from '../address.ts';
import type { Crm } from './crm.ts';

/** What our own records say about the case's sender and about whom or what an effect touches. */
export function crmFacts(crm: Crm): readonly FactDefinition[] {
  return [...senderFacts(crm), ...recipientFacts(crm), ...belongingFacts(crm)];
}

function senderFacts(crm: Crm): readonly FactDefinition[] {
  return [
    flag('senderIsCustomer', async ({ case: { sender } }) => knownAs(crm, sender).then((ids) => ids && ids.length > 0)),
    flag('customerIsUnique', async ({ case: { sender } }) =>
      knownAs(crm, sender).then((ids) => ids && ids.length === 1),
    ),
  ];
}

function recipientFacts(crm: Crm): readonly FactDefinition[] {
  return [
    flag('recipientIsCustomer', async ({ attributes }) =>
      everyOne(recipientsOf(attributes), async (address) => ((await knownAs(crm, address)) ?? []).length > 0),
    ),
    flag('domainKnown', async ({ attributes }) =>
      everyOne(
        recipientsOf(attributes)?.map(domainOf),
        async (domain) => domain !== undefined && crm.hasDomain(domain),
      ),
    ),
  ];
}

/** A record belongs to the sender when exactly one customer has that address and it is the record's. */
function belongingFacts(crm: Crm): readonly FactDefinition[] {
  const ownedBySender = async (sender: Json | undefined, owner: string | undefined): Promise<boolean | undefined> => {
    const ids = await knownAs(crm, sender);
    return ids && ids.length === 1 && owner === ids[0];
  };
  return [
    flag('orderBelongsToSender', async ({ attributes: { order }, case: { sender } }) =>
      typeof order === 'string' ? ownedBySender(sender, (await crm.order(order))?.customer) : undefined,
    ),
    flag('invoiceBelongsToSender', async ({ attributes: { invoice }, case: { sender } }) =>
      typeof invoice === 'string' ? ownedBySender(sender, (await crm.invoice(invoice))?.customer) : undefined,
    ),
    flag('attachmentsBelongToSender', async ({ attributes: { attachmentRecords }, case: { sender } }) =>
      everyOne(textsOf(attachmentRecords), async (reference) => {
        const id = /^crm\.invoice:(.+)$/.exec(reference)?.[1];
        return id !== undefined && (await ownedBySender(sender, (await crm.invoice(id))?.customer)) === true;
      }),
    ),
  ];
}

function flag(name: string, resolve: (question: FactQuestion) => Promise<boolean | undefined>): FactDefinition {
  return defineFact({ name, type: 'flag', origin: 'records', resolve });
}

/** Ids of the customers of an address; `undefined` when there is no address to look for. */
async function knownAs(crm: Crm, address: Json | undefined): Promise<readonly string[] | undefined> {
  if (typeof address !== 'string') return undefined;
  return (await crm.customers({ email: address })).map(({ id }) => id);
}

function recipientsOf({ recipients, recipient }: FactQuestion['attributes']): readonly string[] | undefined {
  return textsOf(recipients) ?? (typeof recipient === 'string' ? [recipient] : undefined);
}

function textsOf(value: Json | undefined): readonly string[] | undefined {
  return Array.isArray(value) && value.every((item): item is string => typeof item === 'string') ? value : undefined;
}

/** Whether it holds for every item; nothing to look at is unknown, an empty list is true. */
async function everyOne<Item>(items: readonly Item[] | undefined, holds: (item: Item) => Promise<boolean>) {
  if (items === undefined) return undefined;
  return (await Promise.all(items.map(holds))).every(Boolean);
}
