import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  proxyActivities,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import type {
  ActivityInput,
  LocalActivityInput,
  Next,
  SignalInput,
  WorkflowExecuteInput,
  WorkflowInboundCallsInterceptor,
  WorkflowInterceptorsFactory,
  WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import { defaultPayloadConverter } from '@temporalio/common';
import { ShownBoundary } from './boundary.ts';
import {
  approveSignal,
  boundaryQuery,
  CONTROL_SIGNALS,
  FAILURES,
  GATE_HEADER,
  pendingApprovalsQuery,
  refuseSignal,
  restoreSignal,
  revokeSignal,
  ringSignal,
} from './messages.ts';
import type { ApprovalRequiredDetail, BoundaryView, ControlActivities, SignalsRecorded } from './messages.ts';

const { recordSignals } = proxyActivities<ControlActivities>({
  startToCloseTimeout: '1 minute',
  summary: 'Record what people told this job',
});

/** How long a wait goes unchecked when no ring comes, and the pause between tries while the ledger is away. */
const RECHECK_MS = [15_000, 30_000, 60_000, 300_000, 900_000, 3_600_000] as const;
const LEDGER_RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000] as const;
/** More than any job has waits; beyond it forged rings are forgotten and the timer re-checks. */
const REMEMBERED_RINGS = 1_000;
const at = (delays: readonly number[], turn: number): number => delays[Math.min(turn, delays.length - 1)] ?? 60_000;

/**
 * The gate: waits where the guard asks for a person, durably, and schedules the action again.
 *
 * INVARIANT: it decides nothing. Whatever wakes it (a Signal, a ring, a timer), the guard reads the ledger afresh.
 */
class Gate implements WorkflowInboundCallsInterceptor, WorkflowOutboundCallsInterceptor {
  readonly #boundary = new ShownBoundary();
  readonly #decided = new Set<string>();
  #rings = 0;
  #unrecorded = false;
  #recording = false;

  async execute(input: WorkflowExecuteInput, next: Next<WorkflowInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    this.#answerMessages();
    try {
      return await next(input);
    } finally {
      // What people said before the end is on record before the end.
      await CancellationScope.nonCancellable(() => condition(() => !this.#recording && !this.#unrecorded));
    }
  }

  /** Sees every Signal, also one whose handler the Workflow has replaced by its own. */
  async handleSignal(input: SignalInput, next: Next<WorkflowInboundCallsInterceptor, 'handleSignal'>): Promise<void> {
    if ((CONTROL_SIGNALS as readonly string[]).includes(input.signalName)) await this.#record();
    if (input.signalName === ringSignal.name) await this.#ring(input.args[0]);
    await next(input);
  }

  async scheduleActivity(
    input: ActivityInput,
    next: Next<WorkflowOutboundCallsInterceptor, 'scheduleActivity'>,
  ): Promise<unknown> {
    return this.#untilDecided(() => next(withGateHeader(input)));
  }

  async scheduleLocalActivity(
    input: LocalActivityInput,
    next: Next<WorkflowOutboundCallsInterceptor, 'scheduleLocalActivity'>,
  ): Promise<unknown> {
    return this.#untilDecided(() => next(withGateHeader(input)));
  }

  async #untilDecided(schedule: () => Promise<unknown>): Promise<unknown> {
    let asked: string | undefined;
    try {
      for (let tries = 0, waits = 0; ;) {
        const heard = this.#rings; // before asking: what rings meanwhile may be what the answer waits for
        try {
          return await schedule();
        } catch (error) {
          const failure = ourFailure(error);
          if (failure?.type === FAILURES.ledgerUnavailable) await sleep(at(LEDGER_RETRY_MS, tries++));
          else if (failure?.type !== FAILURES.approvalRequired) throw error;
          else asked = await this.#wait(approvalOf(failure), asked, heard, at(RECHECK_MS, waits++));
        }
      }
    } finally {
      this.#boundary.waited(asked);
    }
  }

  /**
   * Returns when the request may have been decided; the guard finds out whether it was. It is shown as waiting until
   * then, also while the guard looks.
   */
  async #wait(
    request: ApprovalRequiredDetail,
    before: string | undefined,
    heard: number,
    recheckMs: number,
  ): Promise<string> {
    const { requestId, boundary } = request;
    if (before !== requestId) this.#boundary.waited(before);
    this.#boundary.waitsFor(request, boundary);
    const woken = await condition(() => this.#decided.has(requestId) || this.#rings > heard, recheckMs);
    // A Signal whose handler was shadowed, or that came before this Worker had the gate, is found here.
    if (!woken) await this.#record();
    this.#decided.delete(requestId);
    return requestId;
  }

  async #ring(requestId: unknown): Promise<void> {
    if (typeof requestId === 'string') return this.#decide(requestId);
    this.#rings++;
    await this.#record();
  }

  /** Kept also when nobody waits yet: the ring may overtake the answer that starts the wait. */
  #decide(requestId: string): void {
    if (this.#decided.size >= REMEMBERED_RINGS) this.#decided.clear();
    this.#decided.add(requestId);
  }

  /** One recording at a time, however many Signals come: each pass takes all that are new. */
  async #record(): Promise<void> {
    this.#unrecorded = true;
    if (this.#recording) return;
    this.#recording = true;
    try {
      while (this.#unrecorded) {
        this.#unrecorded = false;
        this.#told(await CancellationScope.nonCancellable(recordSignals));
      }
    } catch (error) {
      // A Workflow that is no job may have Signals of these names for itself: they are its own affair.
      if (ourFailure(error)?.type !== FAILURES.denied) throw error;
    } finally {
      this.#recording = false;
      this.#unrecorded = false;
    }
  }

  #told({ boundary, decidedRequestIds }: SignalsRecorded): void {
    for (const requestId of decidedRequestIds) this.#decide(requestId);
    if (this.#boundary.told(boundary)) this.#rings++; // narrowed or restored: whatever waits is decided again
  }

  /** For `agentJob`, which is told its boundary with every answer of the brain. */
  tell(view: BoundaryView): void {
    this.#boundary.told(view);
  }

  #answerMessages(): void {
    const recorded = (): void => undefined; // handleSignal has recorded it
    setHandler(approveSignal, recorded, {
      description: 'Let one waiting action happen once: {"requestId":"…","note":"…"}',
    });
    setHandler(refuseSignal, recorded, {
      description: 'Refuse one waiting action: {"requestId":"…","note":"what to tell the agent"}',
    });
    setHandler(revokeSignal, recorded, {
      description: 'Narrow this job now; empty caps it at draft-only: {"kind":"cap","level":"read-only","reason":"…"}',
    });
    setHandler(restoreSignal, recorded, {
      description:
        'End what was revoked on this job by somebody no better known than you; empty ends all of that: {"revocationId":"…"}',
    });
    setHandler(ringSignal, recorded, { description: 'Look again. Carries nothing that is believed' });
    setHandler(boundaryQuery, () => this.#boundary.view ?? 'not told yet: no action has run', {
      description: 'What this job may do, as last told (see asOf); live: remit explain',
    });
    setHandler(pendingApprovalsQuery, () => this.#boundary.waits(), { description: 'What waits for a person' });
  }
}

/** Tells the guard that somebody is there to wait. */
function withGateHeader<Input extends ActivityInput | LocalActivityInput>(input: Input): Input {
  return { ...input, headers: { ...input.headers, [GATE_HEADER]: defaultPayloadConverter.toPayload(1) } };
}

function ourFailure(error: unknown): ApplicationFailure | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? cause : undefined;
}

function approvalOf({ details }: ApplicationFailure): ApprovalRequiredDetail {
  return (details as [ApprovalRequiredDetail])[0];
}

let gate: Gate | undefined;

/** Lets `agentJob` show what it was told; plain Workflows need not. */
export function tellBoundary(view: BoundaryView): void {
  gate?.tell(view);
}

export const interceptors: WorkflowInterceptorsFactory = () => {
  gate = new Gate();
  return { inbound: [gate], outbound: [gate] };
};
