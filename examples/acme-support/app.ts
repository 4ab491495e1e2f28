import { join } from 'node:path';
import { playbook } from '../../src/agents/playbook.ts';
import { worstCase } from '../../src/agents/worst-case.ts';
import { defineApp, type AppEnvironment } from '../../src/app.ts';
import { crmActions, crmFacts, invoicePdf, postgresCrm, type Crm } from '../../src/connectors/crm/index.ts';
import {
  maildir,
  mailboxActions,
  mailboxFacts,
  smtpSender,
  type AttachmentReference,
  type MailSource,
} from '../../src/connectors/mailbox/index.ts';
import { prepareDatabase } from './database.ts';
import { intakeOf } from './intake.ts';

const HOUSE = { name: 'Acme Support', address: 'support@acme.example' };

/** A support inbox: agent `support-inbox` answers customers who ask where their order is. */
export default defineApp({
  name: 'acme-support',
  chartersDir: join(import.meta.dirname, 'charters'),
  houseRulesFile: join(import.meta.dirname, 'house-rules.yaml'),
  open: async (environment) => {
    const crm = postgresCrm({ url: await prepareDatabase(environment.databaseUrl) });
    const source = maildir({
      dir: environment.mailboxDir ?? join(import.meta.dirname, 'mail'),
      trashDir: join(environment.dataDir, 'trash'),
    });
    return {
      actions: [...mailboxActions(mailboxPorts(environment, source, crm)), ...crmActions(crm)],
      facts: [...crmFacts(crm), ...mailboxFacts(source)],
      brains: [playbook, worstCase],
      intake: () => intakeOf(source),
      close: () => crm.close(),
    };
  },
});

function mailboxPorts({ smtpUrl, dataDir }: AppEnvironment, source: MailSource, crm: Crm) {
  return {
    source,
    sender: smtpSender({ url: smtpUrl }),
    from: HOUSE,
    attachment: (reference: AttachmentReference) => invoiceFile(reference, crm),
    draftsDir: join(dataDir, 'drafts'),
    trashDir: join(dataDir, 'trash'),
  };
}

async function invoiceFile({ id }: AttachmentReference, crm: Crm) {
  const invoice = await crm.invoice(id);
  return invoice && { name: `invoice-${id}.pdf`, type: 'application/pdf', content: invoicePdf(invoice) };
}
