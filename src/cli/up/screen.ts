import { openRequests } from '../../ledger/approval.ts';
import type { ApprovalRow } from '../../ledger/approval.ts';
import type { Remit } from '../../server/remit.ts';
import { short, temporalCommand } from '../home.ts';
import { plain } from '../io.ts';
import type { Io } from '../io.ts';
import type { TakenIn } from './intake.ts';

type Addresses = Readonly<Record<string, string>>;

const NAMES: readonly (readonly [string, string])[] = [
  ['temporalUi', 'Temporal UI'],
  ['temporal', 'Temporal'],
  ['server', 'HTTP API'],
  ['database', 'Ledger'],
  ['smtp', 'Mail server'],
  ['sentMail', 'Mail sent so far'],
  ['log', 'Log'],
];

/** What is where. */
export function addressLines(addresses: Addresses): readonly string[] {
  return NAMES.flatMap(([key, name]) => {
    const address = addresses[key];
    if (address === undefined) return [];
    return [`  ${name.padEnd(17)} ${address.startsWith('/') ? short(address) : withoutPassword(address)}`];
  });
}

export function intakeLines({ started, known, rejected }: TakenIn): readonly string[] {
  const count = [
    `${started.length} jobs started`,
    ...(known.length === 0 ? [] : [`${known.length} known from before`]),
    `${rejected.length} messages without a job`,
  ];
  return [count.join(', '), ...rejected.map(({ source, why }) => `  no job for ${plain(source)}: ${plain(why)}`)];
}

/** What waits for a person, and for each the exact command and the exact Signal. */
export async function waitingLines(remit: Remit, addresses: Addresses, io: Io): Promise<readonly string[]> {
  const open = await remit.ledger.run((db) => openRequests(db));
  if (open.length === 0) return ['Nothing waits for a person.'];
  const one = open.length === 1 ? '1 action waits' : `${open.length} actions wait`;
  return [
    `${one} for a person. Decide each by its command or by its Signal:`,
    ...open.flatMap((request) => ['', ...requestLines(request, addresses, io)]),
  ];
}

function requestLines(
  { request_id, workflow_id, sentence, reason }: ApprovalRow,
  addresses: Addresses,
  io: Io,
): readonly string[] {
  return [
    `  ${plain(sentence)}`,
    `    why      ${plain(reason)}`,
    `    command  npm run -s remit -- approve ${request_id}     (or: refuse ${request_id} --note 'why')`,
    `    Signal   ${signalCommand(io, addresses, workflow_id, 'approve', { requestId: request_id })}`,
  ];
}

/** A plain Signal by the Temporal CLI. */
export function signalCommand(io: Io, addresses: Addresses, workflowId: string, name: string, input?: object): string {
  const argument = input === undefined ? '' : ` --input '${JSON.stringify(input)}'`;
  return `${temporalCommand(io.env)} workflow signal --address ${addresses['temporal']} -w ${workflowId} --name ${name}${argument}`;
}

/** What to try next, with a job to try it on. */
export function nextLines(addresses: Addresses, job: string | undefined, io: Io): readonly string[] {
  const name = job ?? 'JOB';
  return [
    'Try next:',
    '  npm run -s remit -- jobs                         what runs, what waits, what is over',
    `  npm run -s remit -- job ${name}`,
    `  npm run -s remit -- audit show ${name}`,
    '  npm run -s remit -- explain order-status-replies what the agent may do now, in one paragraph',
    `  npm run -s remit -- revoke --job ${name}         cap one job at draft-only, at once`,
    `  ${signalCommand(io, addresses, name, 'revoke')}   the same, by Signal`,
    '  npm run -s remit -- drafts                       what was kept instead of sent; send one with `send DRAFT`',
    '  npm start -- --tour                              all of this by itself, in under two minutes',
    '',
    'Ctrl-C stops all of it. What waits now still waits after the next `npm start`.',
  ];
}

/** The whole address, password and all, is in the run file, which its owner alone can read. */
function withoutPassword(address: string): string {
  return address.replace(/(:\/\/[^:/@]*):[^@]*@/, '$1@');
}
