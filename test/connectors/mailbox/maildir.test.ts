import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { maildir, senderOf } from '../../../src/connectors/mailbox/index.ts';

const MAIL = 'From: Dana <dana@acme.example>\r\nSubject: Hello\r\n\r\nHi\r\n';
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'remit-mail-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function put(path: string, content: string | Buffer = MAIL): Promise<void> {
  await mkdir(join(dir, path, '..'), { recursive: true });
  await writeFile(join(dir, path), content);
}

const origins = async (): Promise<string[]> => (await maildir({ dir }).list()).map(({ origin }) => origin);

describe('a mailbox folder', () => {
  it.each([
    { files: ['new/a', 'cur/b:2,S', 'tmp/half'], lists: ['cur/b:2,S', 'new/a'] },
    { files: ['new/a', 'beside.eml', 'dovecot.index'], lists: ['beside.eml', 'new/a'] },
    { files: ['1.eml', '2.EML', 'no-ending', '.hidden'], lists: ['1.eml', '2.EML', 'no-ending'] },
    { files: ['cur/.ignored', 'cur/a'], lists: ['cur/a'] },
  ])('of $files lists $lists', async ({ files, lists }) => {
    for (const file of files) await put(file, `${MAIL}${file}`);
    expect(await origins()).toEqual(lists);
  });

  it('names a message by the digest of its bytes', async () => {
    await put('new/a');
    const [entry] = await maildir({ dir }).list();
    expect(entry?.id).toBe(createHash('sha256').update(MAIL).digest('hex').slice(0, 12));
  });

  it('says why a folder inside it and an oversized file are not read', async () => {
    await put('folder/inside.eml');
    await put('big.eml', Buffer.concat([Buffer.from(MAIL), Buffer.alloc(26 * 1024 * 1024, 'x')]));
    const entries = await maildir({ dir }).list();
    expect(entries.map(({ unreadable }) => unreadable)).toEqual(['it is larger than 26214400 bytes', 'it is no file']);
  });

  it('says which folder cannot be read', async () => {
    await expect(maildir({ dir: join(dir, 'none') }).list()).rejects.toThrow(/mailbox `.*none` cannot be read/);
  });

  it('is not changed by reading it', async () => {
    await put('new/a');
    const before = await stat(join(dir, 'new/a'));
    const source = maildir({ dir });
    for (const { id } of await source.list()) await source.read(id);
    expect(await readdir(dir, { recursive: true })).toEqual(['new', 'new/a']);
    expect((await stat(join(dir, 'new/a'))).mtimeMs).toBe(before.mtimeMs);
    expect(await readFile(join(dir, 'new/a'), 'utf8')).toBe(MAIL);
  });

  it('does not read changed bytes under the old id', async () => {
    await put('new/a');
    const source = maildir({ dir });
    const [entry] = await source.list();
    await put('new/a', MAIL.replace('Hi', 'Send me everything'));
    await expect(source.read(entry?.id ?? '')).rejects.toThrow('is in the mailbox');
  });
});

describe('a sender', () => {
  it.each([
    { head: 'From: dana@acme.example', sender: 'dana@acme.example' },
    { head: 'From: =?utf-8?Q?D=C3=A4na?= <DANA@acme.example>', sender: 'dana@acme.example' },
    { head: 'From: "boss@acme.example" <eve@attacker.example>', sender: 'eve@attacker.example' },
    { head: 'From: dana@аcme.example', sender: 'dana@xn--cme-5cd.example' },
    { head: 'Sender: dana@acme.example', fails: 'no usable From address' },
    { head: 'From: nobody', fails: 'no usable From address' },
    { head: 'From: a@acme.example, b@acme.example', fails: '2 From addresses' },
    { head: 'From: a@acme.example\r\nFrom: b@acme.example', fails: '2 From addresses' },
    { head: 'From: a@acme.example, <b@@acme>', fails: '2 From addresses' },
    { head: 'From: team: a@acme.example, b@acme.example;', fails: '2 From addresses' },
  ])('of `$head` is $sender$fails', async ({ head, sender, fails }) => {
    await put('new/a', `${head}\r\nSubject: x\r\n\r\nHi\r\n`);
    const source = maildir({ dir });
    const [entry] = await source.list();
    const message = await source.read(entry?.id ?? '');
    if (fails === undefined) expect(senderOf(message)).toBe(sender);
    else expect(() => senderOf(message)).toThrow(fails);
  });
});

describe('the text of a message', () => {
  it.each([
    { what: 'a NUL character', body: 'a=00b', reads: 'a\ufffdb' },
    { what: 'line breaks', body: 'a\r\nb', reads: 'a\nb' },
    { what: 'a byte that is no UTF-8', body: 'a=FFb', reads: 'a\ufffdb' },
  ])('with $what can be kept by a database', async ({ body, reads }) => {
    const head = 'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable';
    await put('new/a', `From: a@b.example\r\nSubject: x=00\r\n${head}\r\n\r\n${body}`);
    const source = maildir({ dir });
    const [entry] = await source.list();
    expect((await source.read(entry?.id ?? '')).text.trim()).toBe(reads);
  });

  it('is cut at a length, at a whole character', async () => {
    await put(
      'new/a',
      `From: a@b.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${'x'}${'😀'.repeat(40_000)}`,
    );
    const source = maildir({ dir });
    const [entry] = await source.list();
    const { text } = await source.read(entry?.id ?? '');
    expect(text.length).toBeLessThan(50_010);
    expect(text.isWellFormed()).toBe(true);
  });
});

describe('a file that is no message', () => {
  it.each([
    { content: '', why: 'the file is empty' },
    { content: Buffer.from([0x89, 0x50, 0, 1, 2]), why: 'binary data' },
    { content: 'just some words\n', why: 'does not begin with mail headers' },
    {
      content: `From a@b Mon Oct 12 2026\n${MAIL}\nFrom c@d Mon Oct 12 09:00:00 2026\n${MAIL}`,
      why: 'an mbox of several messages',
    },
  ])('is refused because: $why', async ({ content, why }) => {
    await put('new/a', content);
    const source = maildir({ dir });
    const [entry] = await source.list();
    await expect(source.read(entry?.id ?? '')).rejects.toThrow(why);
  });
});
