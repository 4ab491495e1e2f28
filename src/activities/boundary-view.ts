import type { Job } from '../ledger/job.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { liveRevocations } from '../ledger/revocation.ts';
import type { Policy } from '../policy/compile.ts';
import { explain } from '../policy/explain.ts';
import { levelUnder } from '../policy/level.ts';
import { revocationInWords } from '../policy/revocation.ts';
import type { Revocation } from '../policy/revocation.ts';
import type { BoundaryView } from '../workflows/messages.ts';

/** Revocations that bear on a whole job; those on a customer, a domain or an action narrow single requests. */
function coversJob({ scope }: Revocation, job: Job): boolean {
  if (scope.kind === 'everything') return true;
  const names: Readonly<Record<string, string>> = { job: job.jobId, agent: job.agent, charter: job.charter };
  return names[scope.kind] === scope.value;
}

/** Mode and level of a job under what is revoked now. */
export function standing(
  { charter }: Policy,
  job: Job,
  revocations: readonly Revocation[],
): Pick<BoundaryView, 'agent' | 'charter' | 'mode' | 'level'> {
  const covering = revocations.filter((revocation) => coversJob(revocation, job));
  const disabled = covering.some(({ kind }) => kind === 'disable' || kind === 'token');
  return {
    agent: job.agent,
    charter: job.charter,
    mode: disabled ? 'disabled' : revocations.length > 0 ? 'narrowed' : 'open',
    level: levelUnder(charter.level, covering),
  };
}

/** What a job may do at this moment, for its Workflow to show. */
export async function boundaryView(ledger: Ledger, policy: Policy, job: Job): Promise<BoundaryView> {
  const live = await ledger.run((db) => liveRevocations(db));
  const revocations = live.filter(
    (each) => coversJob(each, job) || !['job', 'agent', 'charter'].includes(each.scope.kind),
  );
  const { agent, charter, mode, level } = standing(policy, job, revocations);
  return {
    agent,
    charter,
    mode,
    level,
    paragraph: explain(policy, { level, revocations }),
    revocations: revocations.map((each) => ({ revocationId: each.revocationId, says: revocationInWords(each) })),
    asOf: ledger.now(),
  };
}
