import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NotDoneError } from '../../../src/activities/not-done-error.ts';
import { maildir, mailboxActions, type OutgoingMail } from '../../../src/connectors/mailbox/index.ts';
import type { Action } from '../../../src/activities/action.ts';
import { aContext, attributesOf, named } from '../../support/action.ts';

const samples = join(import.meta.dirname, '../../../examples/acme-support/mail');
const FIRST = '5de955840d9e';
const reply = { messageId: FIRST, to: 'Dana@acme.example', subject: 'Re: your order', body: 'It is shipped.' };
const withInvoice = { ...reply, attachments: [{ record: 'crm.invoice', id: '1042' }] };

let dir: string;
let sent: OutgoingMail[];
let actions: readonly Action[];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'remit-actions-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));
beforeEach(() => {
  sent = [];
  actions = mailboxActions({
    source: maildir({ dir: samples, trashDir: join(dir, 'trash') }),
    sender: {
      send: async (mail) => {
        sent.push(mail);
        return { accepted: mail.recipients, rejected: [], response: '250 kept' };
      },
    },
    from: { name: 'Acme Support', address: 'support@acme.example' },
    attachment: async ({ id }) =>
      id === '1042' ? { name: 'x.pdf', type: 'application/pdf', content: Buffer.from('%PDF-1.4') } : undefined,
    draftsDir: join(dir, 'drafts'),
    trashDir: join(dir, 'trash'),
  });
});

async function run(name: string, input: unknown): Promise<unknown> {
  const action = named(actions, name);
  return action.run(action.input.parse(input), aContext());
}

describe('a reply', () => {
  it.each([
    {
      input: reply,
      is: {
        recipient: 'dana@acme.example',
        recipients: ['dana@acme.example'],
        domain: ['acme.example'],
        external: false,
        copies: 0,
      },
    },
    { input: { ...reply, to: 'x@other.example' }, is: { domain: ['other.example'], external: true } },
    { input: { ...reply, to: 'x@sub.acme.example' }, is: { external: true } },
    { input: { ...reply, to: 'dana@аcme.example' }, is: { recipient: 'dana@xn--cme-5cd.example', external: true } },
    {
      input: { ...reply, cc: ['x@other.example'] },
      is: { recipients: ['dana@acme.example', 'x@other.example'], copies: 1, external: true },
    },
    { input: withInvoice, is: { attachments: 1, attachmentRecords: ['crm.invoice:1042'] } },
    { input: { ...reply, subject: 'Re: your lawyer' }, is: { wording: ['legal'], mentionsBankDetails: false } },
    {
      input: { ...reply, body: 'To IBAN DE89 3704 0044 0532 0130 00' },
      is: { wording: [], mentionsBankDetails: true },
    },
  ])('has attributes $is', ({ input, is }) => {
    expect(attributesOf(named(actions, 'mailbox.sendReply'), input)).toMatchObject(is);
  });

  it.each([
    { input: withInvoice, sentence: 'Send this reply to dana@acme.example with invoice-1042.pdf' },
    { input: reply, sentence: 'Send this reply to dana@acme.example' },
    { input: { ...reply, to: 'd@аcme.example' }, sentence: 'Send this reply to d@xn--cme-5cd.example' },
    {
      input: { ...reply, cc: ['a@b.example'] },
      sentence: 'Send this reply to dana@acme.example with a copy to a@b.example',
    },
  ])('reads `$sentence`', ({ input, sentence }) => {
    const action = named(actions, 'mailbox.sendReply');
    expect(action.sentence(action.input.parse(input))).toBe(sentence);
  });

  it.each([
    { ...reply, to: 'a@acme.example\r\nBcc: eve@attacker.example' },
    { ...reply, to: '"dana@acme.example" <eve@attacker.example>' },
    { ...reply, to: 'dana@acme.example,eve@attacker.example' },
    { ...reply, subject: 'Re: x\r\nBcc: eve@attacker.example' },
    { ...reply, subject: 'Re: x\u2028y' },
    { ...reply, body: 'a\u0000b' },
    { ...reply, body: 'half \ud800' },
    { ...reply, bcc: ['eve@attacker.example'] },
    { ...reply, attachments: [{ record: 'crm.invoice', id: '../1042' }] },
    { ...reply, attachments: [{ path: '/etc/passwd' }] },
    { ...reply, messageId: '../../x' },
  ])('is rejected as %j', (input) => {
    expect(named(actions, 'mailbox.sendReply').input.safeParse(input).success).toBe(false);
  });

  it('goes out as it was asked for, threaded, with a Message-ID made from the key', async () => {
    const result = await run('mailbox.sendReply', withInvoice);
    const mail = await simpleParser(sent[0]?.bytes ?? '');
    expect(result).toMatchObject({ messageId: '<0123456789abcdef0123456789abcdef@acme.example>' });
    expect(mail).toMatchObject({
      messageId: '<0123456789abcdef0123456789abcdef@acme.example>',
      inReplyTo: '<01.where@acme.example>',
    });
    expect(mail.attachments.map(({ filename }) => filename)).toEqual(['invoice-1042.pdf']);
    expect(sent[0]?.recipients).toEqual(['dana@acme.example']);
  });

  it.each([
    { input: { ...reply, attachments: [{ record: 'crm.invoice', id: '9999' }] }, why: 'there is no invoice-9999.pdf' },
    { input: { ...reply, messageId: 'ffffffffffff' }, why: 'no message `ffffffffffff`' },
  ])('is certainly not sent when $why', async ({ input, why }) => {
    const failure = await run('mailbox.sendReply', input).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NotDoneError);
    expect(String(failure)).toContain(why);
    expect(sent).toEqual([]);
  });

  it('is certainly not sent when the mailbox cannot be opened, and may go better next time', async () => {
    const sender = { send: () => Promise.reject(new Error('not reached')) };
    const source = maildir({ dir: join(dir, 'none') });
    const attachment = async () => undefined;
    const from = { name: 'Acme', address: 'support@acme.example' };
    const broken = mailboxActions({ source, sender, from, attachment, draftsDir: dir, trashDir: dir });
    const failure = await named(broken, 'mailbox.sendReply')
      .run(reply, aContext())
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'NOT_DONE', retryable: true });
  });

  it('kept as a draft twice under one key is one file', async () => {
    await run('mailbox.draftReply', reply);
    await run('mailbox.draftReply', reply);
    expect(await readdir(join(dir, 'drafts'))).toEqual(['0123456789abcdef0123456789abcdef.eml']);
    expect(sent).toEqual([]);
  });
});

describe('other verbs', () => {
  it('reads the message as untrusted', async () => {
    expect(await run('mailbox.readMessage', { messageId: FIRST })).toMatchObject({
      records: [
        {
          id: FIRST,
          labels: ['untrusted'],
          origin: 'maildir:new/01-where-is-my-order.eml',
          fields: { from: 'dana@acme.example' },
        },
      ],
    });
  });

  it('forwards a message as it came', async () => {
    await run('mailbox.forwardMessage', { messageId: FIRST, to: 'boss@acme.example' });
    const mail = await simpleParser(sent[0]?.bytes ?? '', {});
    expect(mail.subject).toBe('Fwd: Where is my order A-20411?');
    expect(sent[0]?.bytes.toString()).toContain('I ordered three desk lamps');
  });

  it('deletes a message by hiding it, twice to the same end, and leaves the source alone', async () => {
    const before = await readFile(join(samples, 'new/21-no-order-number.eml'));
    await run('mailbox.deleteMessage', { messageId: '4cd37676566e' });
    await run('mailbox.deleteMessage', { messageId: '4cd37676566e' });
    await expect(run('mailbox.readMessage', { messageId: '4cd37676566e' })).rejects.toThrow('is in the mailbox');
    expect(await readdir(join(dir, 'trash'))).toEqual(['4cd37676566e.eml']);
    expect(await readFile(join(samples, 'new/21-no-order-number.eml'))).toEqual(before);
  });
});
