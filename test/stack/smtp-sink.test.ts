import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSmtpSink, type SmtpSink } from '../../src/stack/smtp-sink.ts';

let dir: string;
let sink: SmtpSink;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'remit-sink-'));
  sink = await startSmtpSink({ dir });
});
afterEach(async () => {
  await sink.stop();
  await rm(dir, { recursive: true, force: true });
});

const mail = { from: 'a@acme.example', to: 'b@acme.example', subject: 'Hi', text: 'Hi', messageId: '<k@acme.example>' };

describe('the mail sink', () => {
  it('listens on the loopback interface only', () => {
    expect(sink.url).toBe(`smtp://127.0.0.1:${sink.port}`);
  });

  it('keeps two copies of one message as two files of one digest, oldest first', async () => {
    const transport = createTransport(sink.url);
    await transport.sendMail({ ...mail, text: 'first' });
    await transport.sendMail({ ...mail, text: 'second' });
    const kept = await sink.messages();
    const texts = await Promise.all(kept.map((path) => readFile(path, 'utf8')));
    expect(texts.map((text) => /first|second/.exec(text)?.[0])).toEqual(['first', 'second']);
    expect(new Set(kept.map((path) => basename(path).split('-').at(-1))).size).toBe(1);
  });

  it('keeps many at once, and nothing half', async () => {
    await Promise.all(Array.from({ length: 20 }, () => createTransport(sink.url).sendMail(mail)));
    expect((await sink.messages()).length).toBe(20);
    expect((await readdir(dir)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('takes nothing without a login once it can check one', async () => {
    const guarded = await startSmtpSink({ dir, verify: async (_user, token) => token === 'good' });
    await expect(createTransport(guarded.url).sendMail(mail)).rejects.toThrow(/auth/i);
    await expect(createTransport(guarded.url.replace('//', '//me:bad@')).sendMail(mail)).rejects.toThrow(/invalid/i);
    await createTransport(guarded.url.replace('//', '//me:good@')).sendMail(mail);
    expect((await guarded.messages()).length).toBe(1);
    await guarded.stop();
  });
});
