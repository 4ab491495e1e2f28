import { AuditEntrySchema } from '../audit/entry.ts';
import type { AuditEntry, By } from '../audit/entry.ts';
import type { StoredBody } from '../audit/verify.ts';
import { readChain } from '../ledger/audit-log.ts';
import type { Job } from '../ledger/job.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { revocationOf } from '../ledger/revocation.ts';
import { revocationInWords } from '../policy/revocation.ts';
import type { Story } from './api-types.ts';

type Line = Story['lines'][number];
type Bodies = ReadonlyMap<string, StoredBody>;

/** What happened in one job, in order and in plain words: its own chain, and the revocations that covered it. */
export async function storyOf(ledger: Ledger, job: Job): Promise<Story> {
  const { rows, bodies } = await readChain(ledger, job.jobId);
  const own = rows.map(({ entry }): Line => {
    const read = AuditEntrySchema.parse(JSON.parse(entry));
    return { at: read.at, says: inPlainWords(read, bodies) };
  });
  const lines = [...own, ...(await revocationLines(ledger, job))].toSorted((a, b) => a.at - b.at);
  return { jobId: job.jobId, workflowId: job.workflowId, lines };
}

function inPlainWords(entry: AuditEntry, bodies: Bodies): string {
  switch (entry.kind) {
    case 'input':
      return `${INPUT[entry.what]}${entry.says}${by(entry.by)}`;
    case 'source-record':
      return `Read ${entry.record} ${entry.id} from ${entry.origin} (${entry.labels.join(', ')})`;
    case 'retrieved-context':
      return `${entry.action} gave the agent ${entry.granted.join(', ') || 'no fields'}${entry.withheld.length === 0 ? '' : `; withheld ${entry.withheld.join(', ')}`}`;
    case 'tool-call':
      return `The agent asked for ${entry.action}${entry.attempt > 1 ? ` (attempt ${entry.attempt})` : ''}`;
    case 'decision':
      return `Decided: ${OUTCOME[entry.outcome]}, ${said(entry, bodies, 'reason') ?? entry.determining.join(', ')}`;
    case 'approval-event':
      return approvalInWords(entry, bodies);
    case 'final-action':
      return `Began ${entry.action}${entry.approvalId === undefined ? '' : ` under approval ${entry.approvalId}`}${by(entry.by)}, to be over by ${new Date(entry.deadlineAt).toISOString()}`;
    case 'downstream-result':
      return `${entry.action}: ${RESULT[entry.outcome]}${entry.says === entry.outcome ? '' : ` (${entry.says})`}`;
  }
}

const INPUT = {
  admitted: 'Admitted: ',
  'admission-refused': 'Not admitted: ',
  thought: 'The next step: ',
  signal: '',
  revoked: 'Revoked: ',
  restored: 'Restored: ',
  charter: '',
} as const;
const OUTCOME = { permit: 'yes', gate: 'a person first', hold: 'kept as a draft', deny: 'no' } as const;
const RESULT = {
  done: 'done',
  'not-done': 'not done',
  'in-doubt': 'nobody knows whether it happened',
  held: 'held',
} as const;

function approvalInWords(entry: Extract<AuditEntry, { kind: 'approval-event' }>, bodies: Bodies): string {
  const { event, requestId } = entry;
  const sentence = said(entry, bodies, 'sentence');
  const note = said(entry, bodies, 'note');
  const what = {
    asked: `A person is asked: ${sentence ?? 'the text was erased'} (${requestId})`,
    approved: `Approved ${requestId}`,
    refused: `Refused ${requestId}`,
    'kept-as-draft': `Kept ${requestId} as a draft`,
    'fell-short': `A verdict on ${requestId} did not count`,
    expired: `Nobody decided ${requestId} in time`,
    withdrawn: `Withdrew ${requestId}: nobody needs to decide it any more`,
    spent: `Used approval ${requestId} up`,
    'given-back': `Gave approval ${requestId} back: nothing had happened`,
    'asked-again': `${requestId} no longer fits what would happen; it is asked again`,
  }[event];
  return `${what}${by(entry.by)}${note === undefined ? '' : `: ${note}`}`;
}

function by(who: By | undefined): string {
  return who === undefined ? '' : `, by ${who.name} (${who.assurance}, ${who.door})`;
}

/** A text of an entry's body, unless it was erased. */
function said(entry: AuditEntry, bodies: Bodies, name: string): string | undefined {
  const reference = 'body' in entry ? entry.body : undefined;
  const content = reference === undefined ? undefined : bodies.get(reference.bodyId)?.content;
  if (content == null) return undefined;
  const body = JSON.parse(content) as Readonly<Record<string, unknown>> | null;
  const text = body?.[name];
  return typeof text === 'string' ? text : undefined;
}

async function revocationLines(
  ledger: Ledger,
  { jobId, agent, charter, admittedAt, endedAt }: Job,
): Promise<readonly Line[]> {
  const rows = await ledger.run((db) =>
    db
      .selectFrom('revocation')
      .selectAll()
      .where((eb) =>
        eb.or([
          eb('scope_kind', '=', 'everything'),
          eb.and([eb('scope_kind', '=', 'job'), eb('scope_value', '=', jobId)]),
          eb.and([eb('scope_kind', '=', 'agent'), eb('scope_value', '=', agent)]),
          eb.and([eb('scope_kind', '=', 'charter'), eb('scope_value', '=', charter)]),
        ]),
      )
      .execute(),
  );
  return rows.flatMap((row) => [
    ...(row.at >= admittedAt && row.at <= (endedAt ?? Infinity)
      ? [
          {
            at: row.at,
            says: `Revoked: ${revocationInWords(revocationOf(row))}, by ${row.author} (${row.assurance}, ${row.door})`,
          },
        ]
      : []),
    ...(row.restored_at === null || row.restored_at < admittedAt
      ? []
      : [{ at: row.restored_at, says: `Restored: ${row.revocation_id} is over, by ${row.restored_by ?? 'unknown'}` }]),
  ]);
}
