import { appendFile } from 'node:fs/promises';
import { defineAction, defineApp, type Brain } from 'remit';
import { z } from 'zod';

const sendLetter = (outbox: string) =>
  defineAction({
    name: 'post.sendLetter',
    verb: 'send',
    record: 'post.letter',
    says: 'Send a letter',
    input: z.strictObject({ to: z.email(), text: z.string() }),
    attributes: { recipient: { type: 'address', of: ({ to }) => to } },
    sentence: ({ to }) => `Send a letter to ${to}`,
    draftable: true,
    inDoubt: 'person', // this post office can be neither asked nor told twice
    run: async ({ to, text }, { key }) => (await appendFile(outbox, `${key} ${to}: ${text}\n`), { sent: to }),
  });

const thanker: Brain = {
  name: 'thanker', // a model's place; whatever it asks for, the guard decides
  next: async ({ case: { customer }, transcript }) =>
    transcript.length > 0
      ? { done: true, say: 'Thanked.' }
      : { done: false, calls: [{ action: 'post.sendLetter', input: { to: String(customer), text: 'Thank you!' } }] },
};

export default defineApp({
  name: 'smallest',
  chartersDir: import.meta.dirname,
  houseRulesFile: `${import.meta.dirname}/house-rules.yaml`,
  open: async ({ dataDir }) => ({
    actions: [sendLetter(`${dataDir}/outbox.txt`)],
    facts: [],
    brains: [thanker],
    intake: async () => [],
    close: async () => undefined,
  }),
});
