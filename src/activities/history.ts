import type { WorkflowClient } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import type { Json } from '../policy/vocabulary.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** `CONTINUE_AS_NEW_INITIATOR_RETRY` of the API. */
const RETRY = 2;

/** A run's first event, as the server wrote it. */
export interface StartEvent {
  readonly workflowId: string;
  readonly runId: string;
  readonly firstRunId: string;
  readonly originalRunId: string;
  /** The run before it in its chain. */
  readonly continuedRunId: string | undefined;
  /** Whether Temporal started it because the run before failed. */
  readonly isRetry: boolean;
  readonly workflowType: string;
  /** The Workflow's arguments; whatever is not plain JSON is `null`. */
  readonly args: readonly (Json | null)[];
  /** Free text the caller set. */
  readonly identity: string;
  /** Computed by the server, where it stamps one. */
  readonly principal: string | undefined;
  readonly isChild: boolean;
}

/** One Signal, as the server wrote it. */
export interface SignalEvent {
  readonly eventId: number;
  readonly name: string;
  readonly arg: Json | undefined;
  /** Whether the payload could be decoded; one that could not is not an empty one. */
  readonly readable: boolean;
  readonly identity: string;
  readonly principal: string | undefined;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Reads what Temporal itself recorded; nothing a Workflow or Signal says of itself is taken for it. */
export class RunHistory {
  readonly #client: WorkflowClient;

  constructor(client: WorkflowClient) {
    this.#client = client;
  }

  async startEvent(workflowId: string, runId: string): Promise<StartEvent> {
    const { history } = await this.#page(workflowId, runId, 1);
    const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
    if (started == null) throw new Error(`the history of \`${workflowId}\` does not begin with its start`);
    return {
      workflowId,
      runId,
      firstRunId: started.firstExecutionRunId ?? runId,
      originalRunId: started.originalExecutionRunId ?? runId,
      continuedRunId: started.continuedExecutionRunId || undefined,
      isRetry: started.initiator === RETRY,
      workflowType: started.workflowType?.name ?? '',
      args: (started.input?.payloads ?? []).map((payload) => plainJson(payload) ?? null),
      identity: started.identity ?? '',
      principal: principalOf(history?.events?.[0]),
      isChild: started.parentWorkflowExecution != null,
    };
  }

  /** Signals of these names after an event, oldest first. */
  async signals(
    workflowId: string,
    runId: string,
    names: readonly string[],
    after: number,
  ): Promise<readonly SignalEvent[]> {
    const found: SignalEvent[] = [];
    let token: Uint8Array | undefined;
    do {
      const page = await this.#page(workflowId, runId, 1_000, token);
      for (const event of page.history?.events ?? []) {
        const signal = signalOf(event);
        if (signal !== undefined && signal.eventId > after && names.includes(signal.name)) found.push(signal);
      }
      token = page.nextPageToken?.length ? page.nextPageToken : undefined;
    } while (token !== undefined);
    return found;
  }

  async #page(
    workflowId: string,
    runId: string,
    size: number,
    nextPageToken?: Uint8Array,
  ): Promise<temporal.api.workflowservice.v1.IGetWorkflowExecutionHistoryResponse> {
    return this.#client.workflowService.getWorkflowExecutionHistory({
      namespace: this.#client.options.namespace,
      execution: { workflowId, runId },
      maximumPageSize: size,
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
    });
  }
}

function signalOf(event: HistoryEvent): SignalEvent | undefined {
  const signalled = event.workflowExecutionSignaledEventAttributes;
  if (signalled == null) return undefined;
  const [first] = signalled.input?.payloads ?? [];
  const arg = first == null ? undefined : plainJson(first);
  return {
    eventId: Number(event.eventId),
    name: signalled.signalName ?? '',
    arg,
    readable: first == null || arg !== undefined,
    identity: signalled.identity ?? '',
    principal: principalOf(event),
    at: Number(event.eventTime?.seconds ?? 0) * 1000 + Math.floor((event.eventTime?.nanos ?? 0) / 1e6),
  };
}

/** Servers that stamp a caller (`frontend.enablePrincipalPropagation`) put it on the event. */
function principalOf(event: HistoryEvent | undefined): string | undefined {
  const { principal } = (event ?? {}) as { principal?: { name?: string | null } | null };
  return principal?.name ?? undefined;
}

function plainJson(payload: temporal.api.common.v1.IPayload): Json | undefined {
  try {
    return defaultPayloadConverter.fromPayload<Json>(payload);
  } catch {
    return undefined;
  }
}
