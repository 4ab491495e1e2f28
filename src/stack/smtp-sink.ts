import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerOptions } from 'smtp-server';

export interface SmtpSinkOptions {
  /** Where each message is kept, one `.eml` file each. */
  readonly dir: string;
  /** A free one unless said. */
  readonly port?: number;
  /** Who may send, by name and token. Without it nobody needs to sign in. */
  readonly verify?: (user: string, token: string) => Promise<boolean>;
}

export interface SmtpSink {
  /** `smtp://127.0.0.1:port` */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
  /** Paths of the messages kept so far, oldest first. */
  messages(): Promise<string[]>;
}

const SIZE_LIMIT = 25 * 1024 * 1024;

/** A mail server that delivers nowhere: what it accepts is kept as files, whole or not at all. */
export async function startSmtpSink({ dir, port = 0, verify }: SmtpSinkOptions): Promise<SmtpSink> {
  await mkdir(dir, { recursive: true });
  const server = new SMTPServer({ ...basics, ...authentication(verify), onData: keepIn(dir) });
  server.on('error', () => undefined); // a client that goes away is no reason to fall over
  const listener = server.listen(port, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `smtp://127.0.0.1:${bound}`,
    port: bound,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
    messages: () => keptIn(dir),
  };
}

const basics: SMTPServerOptions = {
  name: 'localhost',
  banner: 'Remit local mail sink, delivers nowhere',
  size: SIZE_LIMIT,
  disableReverseLookup: true,
  allowInsecureAuth: true, // it listens on the loopback interface only
  closeTimeout: 1_000,
  logger: false,
};

function authentication(verify: SmtpSinkOptions['verify']): SMTPServerOptions {
  if (verify === undefined) return { authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'] };
  return {
    authOptional: false,
    disabledCommands: ['STARTTLS'],
    authMethods: ['PLAIN', 'LOGIN'],
    onAuth: ({ username, password }, _session, answer) => {
      const user = username ?? '';
      verify(user, password ?? '').then(
        (welcome) => (welcome ? answer(null, { user }) : answer(new Error('invalid user or token'))),
        () => answer(new Error('the token could not be checked')),
      );
    },
  };
}

/** Accepts a message only once it is on disk. */
function keepIn(dir: string): NonNullable<SMTPServerOptions['onData']> {
  let count = 0;
  return (stream, _session, answer) => {
    count += 1;
    keep(dir, count, stream).then(
      () => answer(null),
      (error: unknown) => answer(error instanceof Error ? error : new Error(String(error))),
    );
  };
}

async function keep(dir: string, count: number, stream: SMTPServerDataStream): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  if (stream.sizeExceeded) throw Object.assign(new Error('the message is too large'), { responseCode: 552 });
  const bytes = Buffer.concat(chunks);
  const name = nameOf(bytes, count);
  await writeFile(join(dir, `.${name}`), bytes);
  await rename(join(dir, `.${name}`), join(dir, name));
}

/** Time and count first, so names sort by arrival and two copies of one message stay two; then the Message-ID's hash. */
function nameOf(bytes: Buffer, count: number): string {
  const messageId = /^message-id:\s*(\S+)/im.exec(bytes.toString('latin1'))?.[1] ?? bytes;
  const digest = createHash('sha256').update(messageId).digest('hex').slice(0, 12);
  return `${Date.now()}-${String(count).padStart(6, '0')}-${digest}.eml`;
}

async function keptIn(dir: string): Promise<string[]> {
  const names = await readdir(dir);
  return names
    .filter((name) => name.endsWith('.eml') && !name.startsWith('.'))
    .sort()
    .map((name) => join(dir, name));
}
