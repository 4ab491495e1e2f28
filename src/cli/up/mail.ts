import { join } from 'node:path';
import { CredentialBroker } from '../../identity/credential.ts';
import { freePort } from '../../stack/ports.ts';
import { startSmtpSink } from '../../stack/smtp-sink.ts';
import type { UpSettings } from './settings.ts';

export interface Mail {
  readonly url: string;
  /** Where a sink of ours keeps what it got. */
  readonly sentDir?: string;
  readonly stop: () => Promise<void>;
}

/** A mail server of ours that delivers nowhere and lets in live credentials alone, or the one REMIT_SMTP_URL names. */
export async function openMail({ smtpUrl, home, ports }: UpSettings, dataDir: string): Promise<Mail> {
  if (smtpUrl !== undefined) return { url: smtpUrl, stop: async () => undefined };
  const sentDir = join(home, 'sent');
  const credentials = await CredentialBroker.open(join(dataDir, 'credential-key.json'));
  const port = await freePort(ports.smtp);
  const sink = await startSmtpSink({ dir: sentDir, port, verify: (user, token) => credentials.verify(user, token) });
  return { url: sink.url, sentDir, stop: () => sink.stop() };
}
