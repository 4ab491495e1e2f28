import type { Intake } from '../../app.ts';
import { openRequests } from '../../ledger/approval.ts';
import { ApiError } from '../../server/api-error.ts';
import type { Remit } from '../../server/remit.ts';
import { startJob } from '../../server/start-job.ts';
import type { StartOrder } from '../../server/start-job.ts';
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
    if ('rejected' in piece) {
      rejected.push({ source, why: piece.rejected });
      continue;
    }
    const order = orderFor(piece, brain);
    const why = await startOne(remit, order);
    if (why === undefined) started.push({ source, workflowId: order.workflowId });
    else if (why === KNOWN) known.push({ source, workflowId: order.workflowId });
    else rejected.push({ source, why });
  }
  return { started, known, rejected };
}

const KNOWN = 'its job was started already';

type Work = Extract<Intake, { input: unknown }>;

/** Another brain than the app's own works a case as a job of its own, so that both may be watched. */
function orderFor(
  { workflowId, input }: Work,
  brain: string | undefined,
): StartOrder & { readonly workflowId: string } {
  const own = brain === undefined || brain === input.brain;
  return {
    charter: input.charter,
    case: input.case,
    brain: brain ?? input.brain,
    workflowId: own ? workflowId : `${workflowId}-${brain}`,
    by: { name: 'intake', assurance: 'session', door: 'intake' },
  };
}

/** @returns why there is no new job, or `undefined` when there is one */
async function startOne(remit: Remit, order: StartOrder): Promise<string | undefined> {
  try {
    await startJob(remit, order);
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
