import { readChain, verifyStored } from '../../ledger/audit-log.ts';
import { findRequest } from '../../ledger/approval.ts';
import type { ApprovalRow } from '../../ledger/approval.ts';
import type { DraftRow } from '../../ledger/draft.ts';
import { liveRevocations } from '../../ledger/revocation.ts';
import type { Guide } from './guide.ts';
import { must } from './guide.ts';

export interface Step {
  readonly title: string;
  readonly show: (guide: Guide) => Promise<void>;
}

/** In the order they are shown; each checks its effect at the mail server and in the ledger, not only the answer. */
export const STEPS: readonly Step[] = [
  { title: 'Approve one reply by a plain Temporal Signal', show: approveBySignal },
  { title: 'Refuse another from the command line', show: refuseByCli },
  { title: 'Cap a running job at draft-only by a Signal', show: capBySignal },
  { title: 'Send the held draft as a person', show: sendAsPerson },
  { title: 'Restore the job', show: restoreBySignal },
  { title: 'Verify the audit chain', show: verifyAudit },
];

const APPROVED = '05-refund';
const REFUSED = '06-angry-customer';
const CAPPED = '12-html-only';

async function approveBySignal(guide: Guide): Promise<void> {
  const job = guide.jobOf(APPROVED);
  const request = await guide.requestOf(job);
  const to = recipientOf(request);
  guide.say(`${job} waits: ${request.sentence} (${request.reason})`);
  const before = await guide.mailsTo(to);
  await guide.signal(job, 'approve', { requestId: request.request_id });
  await guide.eventually(`a mail reaches ${to}`, async () => (await guide.mailsTo(to)) === before + 1);
  must((await stateOf(guide, request.request_id)) === 'spent', 'the approval is used up');
  guide.say(`The mail server has the reply to ${to}, once; the approval is used up.`);
}

async function refuseByCli(guide: Guide): Promise<void> {
  const job = guide.jobOf(REFUSED);
  const request = await guide.requestOf(job);
  const to = recipientOf(request);
  const before = await guide.mailsTo(to);
  guide.say(`${job} waits: ${request.sentence} (${request.reason})`);
  await guide.remit('refuse', request.request_id, '--note', 'we call this customer instead', '--as', 'tour-reviewer');
  await ended(guide, job);
  must((await stateOf(guide, request.request_id)) === 'refused', 'the request is refused');
  must((await guide.mailsTo(to)) === before, `no mail reaches ${to}`);
  guide.say(`The agent was told, went on without, and ended; no mail reached ${to}.`);
}

async function capBySignal(guide: Guide): Promise<void> {
  const job = guide.jobOf(CAPPED);
  const request = await guide.requestOf(job);
  guide.say(`${job} waits: ${request.sentence}`);
  guide.say(
    'First every change of this one job is put under review, so that it stays with us for the rest of the tour.',
  );
  await guide.signal(job, 'revoke', { kind: 'require-review', reason: 'the tour watches this job' });
  await guide.eventually(
    'the reply is asked about again, with the new gate',
    async () => (await stateOf(guide, request.request_id)) === 'withdrawn',
  );
  const again = await guide.requestOf(job);
  const before = await guide.mailsTo(recipientOf(again));
  await guide.signal(job, 'revoke');
  const draft = await guide.eventually('the reply is held as a draft', () => draftOf(guide, request.job_id));
  must((await stateOf(guide, again.request_id)) === 'withdrawn', 'nobody is asked for the reply any more');
  must((await guide.mailsTo(recipientOf(draft))) === before, 'nothing was sent');
  must((await levels(guide, request.job_id)).includes('draft-only'), 'the cap is in the ledger');
  const handover = await guide.requestOf(job);
  guide.say(
    `The reply was not sent but kept as draft ${draft.draft_id}. The job goes on; now it waits on: ${handover.sentence}`,
  );
}

async function sendAsPerson(guide: Guide): Promise<void> {
  const { job_id: jobId } = await guide.requestOf(guide.jobOf(CAPPED));
  const draft = await draftOf(guide, jobId);
  if (draft === undefined) throw new Error('it should be that there is a draft');
  const to = recipientOf(draft);
  const before = await guide.mailsTo(to);
  await guide.remit('send', draft.draft_id, '--as', 'tour-reviewer');
  must((await guide.mailsTo(to)) === before + 1, `the mail server has one more mail to ${to}`);
  const sent = await draftOf(guide, jobId);
  must(sent?.state === 'sent' && sent.sent_by === 'tour-reviewer', 'the ledger says who sent the draft');
  must((await levels(guide, jobId)).includes('draft-only'), 'the job is still capped');
  guide.say(`The mail server has it, exactly as it was kept, once; the job itself is still capped.`);
}

async function restoreBySignal(guide: Guide): Promise<void> {
  const job = guide.jobOf(CAPPED);
  const handover = await guide.requestOf(job);
  await guide.signal(job, 'restore');
  await guide.eventually(
    'nothing is revoked on the job',
    async () => (await levels(guide, handover.job_id)).length === 0,
  );
  await ended(guide, job);
  const steps = await guide.stack.remit.ledger.run((db) =>
    db
      .selectFrom('step')
      .selectAll()
      .where('job_id', '=', handover.job_id)
      .where('action', '=', handover.action)
      .execute(),
  );
  must(
    steps.length === 1 && steps[0]?.state === 'done' && steps[0].approval_id === null,
    'the waiting action happened once, needing nobody’s approval',
  );
  guide.say(`Nothing is revoked any more: “${handover.sentence}” happened by itself, and the job ended.`);
}

async function verifyAudit(guide: Guide): Promise<void> {
  const story = await guide.remit('audit', 'show', guide.jobOf(CAPPED));
  must(
    /Revoked:.*draft-only/.test(story) && /Restored:/.test(story),
    'the story tells of the revocation and of its end',
  );
  await guide.remit('audit', 'verify');
  const { ledger } = guide.stack.remit;
  const { job_id } = await ledger.run((db) =>
    db.selectFrom('job').select('job_id').where('workflow_id', '=', guide.jobOf(CAPPED)).executeTakeFirstOrThrow(),
  );
  const { rows } = await readChain(ledger, job_id);
  const found = await verifyStored(ledger, job_id);
  must(found.ok && found.entries === rows.length && rows.length > 0, 'every row follows from the one before');
}

async function ended(guide: Guide, job: string): Promise<void> {
  const handle = guide.stack.remit.client.workflow.getHandle(job);
  const status = await guide.eventually(`${job} ends`, async () => {
    const { status } = await handle.describe();
    return status.name === 'RUNNING' ? undefined : status.name;
  });
  must(status === 'COMPLETED', `${job} completes`);
}

async function stateOf(guide: Guide, requestId: string): Promise<string | undefined> {
  return (await guide.stack.remit.ledger.run((db) => findRequest(db, requestId)))?.state;
}

async function draftOf(guide: Guide, jobId: string): Promise<DraftRow | undefined> {
  return guide.stack.remit.ledger.run((db) =>
    db.selectFrom('draft').selectAll().where('job_id', '=', jobId).executeTakeFirst(),
  );
}

/** Levels and kinds of what is revoked on one job now. */
async function levels(guide: Guide, jobId: string): Promise<readonly string[]> {
  const live = await guide.stack.remit.ledger.run((db) => liveRevocations(db));
  const own = live.filter(({ scope }) => scope.kind === 'job' && scope.value === jobId);
  return own.map(({ level, kind }) => level ?? kind);
}

/** The sample's sentences end in the address. */
function recipientOf({ sentence }: Pick<ApprovalRow | DraftRow, 'sentence'>): string {
  const [address] = /[^\s]+@[^\s]+/.exec(sentence) ?? [];
  if (address === undefined) throw new Error(`nobody is named in “${sentence}”`);
  return address;
}
