import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NotDoneError } from '../../../src/activities/not-done-error.ts';
import { smtpSender } from '../../../src/connectors/mailbox/index.ts';
import { startSmtpSink, type SmtpSink } from '../../../src/stack/smtp-sink.ts';
import { aContext } from '../../support/action.ts';

const mail = {
  from: 'support@acme.example',
  recipients: ['dana@acme.example'],
  bytes: Buffer.from(
    'From: support@acme.example\r\nMessage-ID: <k@acme.example>\r\nSubject: Hi\r\n\r\nHi\r\n.\r\nend\r\n',
  ),
};
const closers: (() => Promise<unknown>)[] = [];
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'remit-smtp-'));
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await rm(dir, { recursive: true, force: true });
});

async function aSink(verify?: (user: string, token: string) => Promise<boolean>): Promise<SmtpSink> {
  const sink = await startSmtpSink({ dir, ...(verify === undefined ? {} : { verify }) });
  closers.push(() => sink.stop());
  return sink;
}

/** A server that follows a script: what it answers to each command, or that it hangs up (`drop`) or stays silent. */
async function aServer(script: Readonly<Record<string, string>>): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    serve(socket, script);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return `smtp://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

function serve(socket: Socket, script: Readonly<Record<string, string>>): void {
  let inData = false;
  const say = (step: string, otherwise: string) => {
    const answer = script[step] ?? otherwise;
    if (answer === 'drop') socket.destroy();
    else if (answer !== 'silence') socket.write(`${answer}\r\n`);
    return answer;
  };
  say('greeting', '220 hello');
  socket.on('data', (chunk) => {
    for (const line of chunk
      .toString()
      .split('\r\n')
      .filter((text) => text !== '')) {
      const command = line.slice(0, 4).toUpperCase();
      if (inData && line === '.') say('end', '250 kept');
      else if (inData) continue;
      else if (command === 'DATA') inData = say('DATA', '354 go on').startsWith('3');
      else if (command === 'EHLO') say('EHLO', '250 localhost');
      else say(command, '250 ok');
    }
  });
}

const send = (url: string, more: Parameters<typeof aContext>[0] = {}) => smtpSender({ url }).send(mail, aContext(more));
const failureOf = (sending: Promise<unknown>): Promise<unknown> =>
  sending.then(
    () => 'sent',
    (error: unknown) => error,
  );

describe('sending to the local sink', () => {
  it('is kept as one file, dots and all', async () => {
    const sink = await aSink();
    expect(await send(sink.url)).toMatchObject({ accepted: ['dana@acme.example'], rejected: [] });
    const [path, ...others] = await sink.messages();
    expect(others).toEqual([]);
    expect(await readFile(path ?? '', 'utf8')).toContain('\r\n.\r\nend');
  });

  it('signs in as the agent with its token when the server asks for it', async () => {
    const logins: string[][] = [];
    const sink = await aSink(async (user, token) => logins.push([user, token]) > 0);
    const token = `${'x'.repeat(700)}.y.z`;
    await send(sink.url, { credential: { agent: 'support-inbox', token: async () => token } });
    expect(logins).toEqual([['support-inbox', token]]);
  });

  it('signs in with the login of the URL when it carries one', async () => {
    const logins: string[] = [];
    const sink = await aSink(async (user) => logins.push(user) > 0);
    await send(sink.url.replace('//', '//us%40er:secret@'));
    expect(logins).toEqual(['us@er']);
  });

  it.each([
    { says: 'a token it does not know', verify: async () => false, retryable: false },
    { says: 'a token it could not check', verify: async () => Promise.reject(new Error('down')), retryable: false },
  ])('is certainly not done with $says', async ({ verify, retryable }) => {
    const sink = await aSink(verify);
    const failure = await failureOf(send(sink.url));
    expect(failure).toBeInstanceOf(NotDoneError);
    expect(failure).toMatchObject({ retryable });
    expect(await sink.messages()).toEqual([]);
  });
});

describe('a sending that fails', () => {
  it.each([
    { at: 'the greeting', script: { greeting: '421 busy' }, retryable: true },
    { at: 'a hang-up before the greeting', script: { greeting: 'drop' }, retryable: true },
    { at: 'MAIL, for now', script: { MAIL: '451 later' }, retryable: true },
    { at: 'MAIL, for good', script: { MAIL: '550 no' }, retryable: false },
    { at: 'RCPT, for now', script: { RCPT: '450 busy' }, retryable: true },
    { at: 'RCPT, for good', script: { RCPT: '550 nobody here' }, retryable: false },
    { at: 'a hang-up at RCPT', script: { RCPT: 'drop' }, retryable: true },
    { at: 'DATA', script: { DATA: '554 no' }, retryable: false },
    { at: 'a hang-up at DATA', script: { DATA: 'drop' }, retryable: true },
    { at: 'the final reply, for now', script: { end: '451 disk full' }, retryable: true },
    { at: 'the final reply, for good', script: { end: '552 too big' }, retryable: false },
  ])('at $at is certainly not done (retryable: $retryable)', async ({ script, retryable }) => {
    const failure = await failureOf(send(await aServer(script)));
    expect(failure).toBeInstanceOf(NotDoneError);
    expect(failure).toMatchObject({ retryable });
  });

  it('because nobody listens is certainly not done', async () => {
    const sink = await aSink();
    await sink.stop();
    expect(await failureOf(send(sink.url))).toMatchObject({ code: 'NOT_DONE', retryable: true });
  });

  it('by a hang-up after the message left is in doubt', async () => {
    const failure = await failureOf(send(await aServer({ end: 'drop' })));
    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(NotDoneError);
    expect(String(failure)).toContain('may have it');
  });

  it('by the deadline while the final reply is awaited is in doubt', async () => {
    const url = await aServer({ end: 'silence' });
    const failure = await failureOf(
      send(url, { lease: { deadlineAt: Date.now() + 400, signal: AbortSignal.timeout(400) } }),
    );
    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(NotDoneError);
  });

  it.each(['greeting', 'MAIL', 'RCPT', 'DATA'])(
    'by the deadline while %s is awaited is certainly not done',
    async (step) => {
      const url = await aServer({ [step]: 'silence' });
      const failure = await failureOf(
        send(url, { lease: { deadlineAt: Date.now() + 400, signal: AbortSignal.timeout(400) } }),
      );
      expect(failure).toBeInstanceOf(NotDoneError);
    },
  );

  it('because its time is over opens no connection', async () => {
    const late = { deadlineAt: Date.now() - 1, signal: new AbortController().signal };
    const failure = await failureOf(send('smtp://127.0.0.1:1', { lease: late }));
    expect(failure).toMatchObject({ code: 'NOT_DONE', message: 'the time to send was over before the message left' });
  });
});
