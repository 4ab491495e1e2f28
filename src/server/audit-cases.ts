import { AuditEntrySchema } from '../audit/entry.ts';
import type { AuditEntry } from '../audit/entry.ts';
import type { StoredBody } from '../audit/verify.ts';
import { chainIds, CONTROL_CHAIN, readChain } from '../ledger/audit-log.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Json } from '../policy/vocabulary.ts';

type Verdicts = ReadonlyMap<string, Json>;

/** Every decision with what was asked, what a person said of it and what they changed: material for evaluating an agent. */
export async function auditCases(ledger: Ledger): Promise<readonly Json[]> {
  const verdicts = await verdictsOf(ledger);
  const chains = (await chainIds(ledger)).filter((chain) => chain !== CONTROL_CHAIN);
  const cases: Json[] = [];
  for (const chain of chains) cases.push(...(await casesOf(ledger, chain, verdicts)));
  return cases;
}

async function casesOf(ledger: Ledger, chain: string, verdicts: Verdicts): Promise<readonly Json[]> {
  const { rows, bodies } = await readChain(ledger, chain);
  const cases: Json[] = [];
  let call: Extract<AuditEntry, { kind: 'tool-call' }> | undefined;
  for (const { entry } of rows) {
    const read = AuditEntrySchema.parse(JSON.parse(entry));
    if (read.kind === 'tool-call') call = read;
    if (read.kind !== 'decision') continue;
    const { step, action, outcome, code, determining, revision, at } = read;
    const basis = bodyOf(read, bodies);
    const payload = call?.step === step ? bodyOf(call, bodies) : null;
    const digest = call?.step === step ? call.digest : undefined;
    cases.push({
      request: { job: chain, step, action, payload, basis },
      decision: { at, outcome, code, determining, revision },
      verdict: verdicts.get(`${chain} ${step} ${digest}`) ?? null,
      edit: null,
    });
  }
  return cases;
}

function bodyOf(entry: AuditEntry, bodies: ReadonlyMap<string, StoredBody>): Json {
  const reference = 'body' in entry ? entry.body : undefined;
  const content = reference === undefined ? undefined : bodies.get(reference.bodyId)?.content;
  return content == null ? null : (JSON.parse(content) as Json);
}

/** The verdict that counted, by job, step and payload. */
async function verdictsOf(ledger: Ledger): Promise<Verdicts> {
  const rows = await ledger.run((db) =>
    db
      .selectFrom('verdict')
      .innerJoin('approval_request', 'approval_request.request_id', 'verdict.request_id')
      .select([
        'job_id',
        'step',
        'digest',
        'verdict.verdict',
        'reviewer',
        'verdict.assurance',
        'door',
        'verdict.note',
        'at',
      ])
      .where('counted', '=', true)
      .execute(),
  );
  return new Map(
    rows.map(({ job_id, step, digest, verdict, reviewer, assurance, door, note, at }) => [
      `${job_id} ${step} ${digest}`,
      { verdict, reviewer, assurance, door, note, at },
    ]),
  );
}
