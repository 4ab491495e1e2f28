import { once } from 'node:events';
import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Lease } from '../../activities/action.ts';
import { NotDoneError } from '../../activities/not-done-error.ts';
import type { MailReceipt, MailSender, OutgoingMail } from './mail-sender.ts';

export interface SmtpOptions {
  /** `smtp://[user:password@]host:port`, or `smtps:`. Without a user, the agent signs in with its own short-lived token. */
  readonly url: string;
}

interface Login {
  readonly user: string;
  readonly pass: string;
}

/** Sends over SMTP, and tells "certainly not taken" from "cannot know". */
export function smtpSender({ url }: SmtpOptions): MailSender {
  const target = new URL(url);
  return {
    async send(mail, { lease, credential }) {
      assertLive(lease);
      const connection = connectionTo(target, lease);
      const cut = () => connection.close();
      lease.signal.addEventListener('abort', cut, { once: true });
      try {
        await connect(connection);
        await signIn(connection, loginOf(target) ?? { user: credential.agent, pass: await credential.token() }, target);
        return await deliver(connection, mail, lease);
      } finally {
        lease.signal.removeEventListener('abort', cut);
        connection.close();
      }
    },
  };
}

function connectionTo(target: URL, lease: Lease): SMTPConnection {
  const left = Math.max(lease.deadlineAt - Date.now(), 1);
  const connection = new SMTPConnection({
    host: target.hostname.replace(/^\[|\]$/g, ''),
    port: target.port === '' ? (target.protocol === 'smtps:' ? 465 : 25) : Number(target.port),
    secure: target.protocol === 'smtps:',
    connectionTimeout: Math.min(left, 10_000),
    greetingTimeout: Math.min(left, 10_000),
    socketTimeout: left,
  });
  connection.on('error', () => undefined); // each step listens for itself; between steps nothing is lost
  return connection;
}

function loginOf({ username, password }: URL): Login | undefined {
  return username === '' ? undefined : { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
}

async function connect(connection: SMTPConnection): Promise<void> {
  try {
    await untilDone(connection, (done) => connection.connect(done));
  } catch (cause) {
    throw notDone('the mail server cannot be reached', cause, true);
  }
}

/** Signs in when the server offers it, and always when the URL carries a login: a login that is ignored is a mistake. */
async function signIn(connection: SMTPConnection, login: Login, target: URL): Promise<void> {
  if (!offersAuth(connection) && loginOf(target) === undefined) return;
  try {
    await untilDone<boolean>(connection, (done) => connection.login(login, done));
  } catch (cause) {
    throw notDone(`the mail server did not accept \`${login.user}\``, cause, isTemporary(cause));
  }
}

/** INVARIANT: `started` turns true before the first byte of the message leaves, so `false` means the server has nothing. */
async function deliver(connection: SMTPConnection, mail: OutgoingMail, lease: Lease): Promise<MailReceipt> {
  const data = { started: false };
  try {
    const envelope = { from: mail.from, to: [...mail.recipients], size: mail.bytes.length };
    const info = await untilDone<SMTPConnection.SentMessageInfo>(connection, (done) =>
      connection.send(envelope, onceAsked(mail.bytes, lease, data), done),
    );
    return { accepted: info.accepted, rejected: info.rejected, response: info.response };
  } catch (cause) {
    if (!data.started || isRefusal(cause))
      throw notDone('the mail server did not take the message', cause, isTemporary(cause));
    throw new Error('the message was on its way when the connection was lost; the mail server may have it', { cause });
  }
}

/** The message as a stream that is read only once the server has answered DATA; the lease is looked at a last time there. */
function onceAsked(bytes: Buffer, lease: Lease, data: { started: boolean }): Readable {
  return new Readable({
    read() {
      if (!data.started && isOver(lease)) return void this.destroy(overdue());
      data.started = true;
      this.push(bytes);
      this.push(null);
    },
  });
}

type Done<Value> = (error?: Error | null, value?: Value) => void;

/** One SMTP step as a promise; a connection that fails or closes meanwhile fails the step. */
async function untilDone<Value = void>(connection: SMTPConnection, step: (done: Done<Value>) => void): Promise<Value> {
  const over = new AbortController();
  const lost = Promise.race([
    once(connection, 'error', { signal: over.signal }).then(([error]) => error as Error),
    once(connection, 'end', { signal: over.signal }).then(() => new Error('the connection was closed')),
  ]);
  try {
    return await new Promise<Value>((resolve, reject) => {
      lost.then(reject, () => undefined);
      step((error, value) => (error ? reject(error) : resolve(value as Value)));
    });
  } finally {
    over.abort();
  }
}

function assertLive(lease: Lease): void {
  if (isOver(lease)) throw overdue();
}

const isOver = ({ deadlineAt, signal }: Lease): boolean => signal.aborted || Date.now() >= deadlineAt;
const overdue = (): NotDoneError =>
  new NotDoneError('the time to send was over before the message left', { retryable: true });
const offersAuth = (connection: SMTPConnection): boolean =>
  'allowsAuth' in connection && connection.allowsAuth === true;

function replyCodeOf(cause: unknown): number | undefined {
  const found = cause instanceof Error && 'responseCode' in cause ? cause.responseCode : undefined;
  return typeof found === 'number' ? found : undefined;
}

const isRefusal = (cause: unknown): boolean => (replyCodeOf(cause) ?? 0) >= 400;

/** A 4xx reply or no reply at all may go better next time; a 5xx will not. */
const isTemporary = (cause: unknown): boolean => (replyCodeOf(cause) ?? 400) < 500;

function notDone(what: string, cause: unknown, retryable: boolean): NotDoneError {
  if (cause instanceof NotDoneError) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new NotDoneError(`${what}: ${why}`, { retryable, cause });
}
