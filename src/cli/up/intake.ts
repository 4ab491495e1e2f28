import type { Intake } from '../../app.ts';
import { openRequests } from '../../ledger/approval.ts';
import { ApiError } from '../../server/api-error.ts';
import type { Remit } from '../../server/remit.ts';
import { startJob } from '../../server/start-job.ts';
import { messageOf } from '../../server/temporal-ready.ts';

/** What became of the work that was found: every piece is in exactly one of these. */
export interface TakenIn {
  readonly started: readonly { readonly source: string; readonly workflowId: string }[];
  /** Started by an earlier run. */
  readonly known: readonly { readonly source: string; readonly workflowId: string }[];
  readonly rejected: readonly { readonly source: string; readonly why: string }[];
}

/** Starts a job for every piece of work, or says why not; none stops the rest. */
export async function takeIn(
  remit: Remit,
  { brain, signal }: { brain?: string | undefined; signal: AbortSignal },
): Promise<TakenIn> {
  const started: TakenIn['started'][number][] = [];
  const known: TakenIn['known'][number][] = [];
  const rejected: TakenIn['rejected'][number][] = [];
  for (const piece of await remit.app.intake()) {
    signal.throwIfAborted();
    const { source } = piece;
    const why = 'rejected' in piece ? piece.rejected : await startOne(remit, piece, brain);
    if (why === undefined && 'workflowId' in piece) started.push({ source, workflowId: piece.workflowId });
    else if (why === KNOWN && 'workflowId' in piece) known.push({ source, workflowId: piece.workflowId });
    else rejected.push({ source, why: String(why) });
  }
  return { started, known, rejected };
}

const KNOWN = 'its job was started already';

/** @returns why there is no new job, or `undefined` when there is one */
async function startOne(
  remit: Remit,
  { workflowId, input }: Extract<Intake, { input: unknown }>,
  brain: string | undefined,
): Promise<string | undefined> {
  const by = { name: 'intake', assurance: 'session', door: 'intake' } as const;
  try {
    await startJob(remit, { charter: input.charter, case: input.case, brain: brain ?? input.brain, workflowId, by });
    return undefined;
  } catch (error) {
    return error instanceof ApiError && error.code === 'ALREADY_STARTED' ? KNOWN : messageOf(error);
  }
}

/** Waits until each job has ended or waits for a person, or until patience ends. @returns how many are still at work */
export async function settled(
  { client, ledger }: Remit,
  workflowIds: readonly string[],
  signal: AbortSignal,
  patienceMs: number,
): Promise<number> {
  const deadline = performance.now() + patienceMs;
  let open = [...workflowIds];
  while (open.length > 0 && performance.now() < deadline && !signal.aborted) {
    const waiting = new Set((await ledger.run((db) => openRequests(db))).map(({ workflow_id }) => workflow_id));
    const busy = await Promise.all(
      open.map(
        async (id) => !waiting.has(id) && (await client.workflow.getHandle(id).describe()).status.name === 'RUNNING',
      ),
    );
    open = open.filter((_, index) => busy[index]);
    if (open.length > 0) await new Promise((resolve) => setTimeout(resolve, 400));
  }
  return open.length;
}
