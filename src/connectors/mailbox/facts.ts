import { defineFact, type FactDefinition } from '../../activities/fact.ts';
import type { MailSource } from './mail-source.ts';
import { sentimentOf } from './wording.ts';

/** What can be told from the message a case is about; a message that cannot be read leaves it unknown. */
export function mailboxFacts(source: MailSource): readonly FactDefinition[] {
  return [
    defineFact({
      name: 'sentiment',
      type: 'text',
      origin: 'model', // a word list is a model, if a plain one: it may narrow and never widen
      resolve: async ({ case: { messageId } }) => {
        if (typeof messageId !== 'string') return undefined;
        const { subject, text } = await source.read(messageId);
        return sentimentOf(`${subject}\n${text}`);
      },
    }),
  ];
}
