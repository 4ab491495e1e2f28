import { z } from 'zod';
import type { Intake } from '../../src/app.ts';
import { senderOf, type MailEntry, type MailSource } from '../../src/connectors/mailbox/index.ts';

/** One line per file of the mailbox: the job its message starts, or why there is none. No message stops another. */
export async function intakeOf(source: MailSource): Promise<readonly Intake[]> {
  const firstOf = new Map<string, string>();
  const found: Intake[] = [];
  for (const entry of await source.list()) {
    const earlier = firstOf.get(entry.id);
    found.push(
      earlier === undefined ? await oneIntake(source, entry) : rejected(entry, `it is the same message as ${earlier}`),
    );
    firstOf.set(entry.id, earlier ?? entry.origin);
  }
  return found;
}

async function oneIntake(source: MailSource, entry: MailEntry): Promise<Intake> {
  if (entry.unreadable !== undefined) return rejected(entry, entry.unreadable);
  try {
    const message = await source.read(entry.id);
    const about = { messageId: message.id, sender: caseSender(senderOf(message)), subject: message.subject };
    const input = { charter: 'order-status-replies', case: about, brain: 'playbook' };
    return { source: entry.origin, workflowId: `support-inbox-${entry.id}`, input };
  } catch (error) {
    return rejected(entry, error instanceof Error ? error.message : String(error));
  }
}

/** Mail knows more forms of address than a charter's case takes; such a sender needs a person. */
function caseSender(sender: string): string {
  if (z.email().safeParse(sender).success) return sender;
  throw new TypeError(`its From address \`${sender}\` has a form that the charter's case does not take`);
}

const rejected = ({ origin }: MailEntry, why: string): Intake => ({ source: origin, rejected: why });
