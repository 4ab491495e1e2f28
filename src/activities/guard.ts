import { AsyncLocalStorage } from 'node:async_hooks';
import { activityInfo } from '@temporalio/activity';
import type { Info } from '@temporalio/activity';
import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  ActivityInterceptors,
  ActivityInterceptorsFactory,
  Next,
} from '@temporalio/worker';
import type { Run } from '../ledger/job.ts';
import { storable } from '../ledger/storable.ts';
import { LedgerUnavailableError } from '../ledger/unavailable-error.ts';
import { GATE_HEADER } from '../workflows/messages.ts';
import type { Action } from './action.ts';
import { denied, ledgerUnavailable, notHere } from './failures.ts';
import type { GuardPort } from './guard-port.ts';
import { identify } from './identify.ts';
import { leaseMsOf } from './lease.ts';
import { denyOutright, perform } from './perform.ts';
import { UnknownCharterError } from './policies.ts';

/** What an exempt Activity may know of its caller. */
const callers = new AsyncLocalStorage<Run>();

/** The run on whose behalf an exempt Activity runs. @throws Error outside the guard */
export function callerRun(): Run {
  const run = callers.getStore();
  if (run === undefined) throw new Error('this Activity runs only behind the guard');
  return run;
}

/** The enforcement point: an Activity interceptor around every Activity of a Worker. */
export function guard(port: GuardPort): ActivityInterceptorsFactory {
  return (): ActivityInterceptors => ({ inbound: new Guard(port) });
}

class Guard implements ActivityInboundCallsInterceptor {
  readonly #port: GuardPort;

  constructor(port: GuardPort) {
    this.#port = port;
  }

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    try {
      const info = activityInfo();
      const exempt = this.#port.registry.exempt.get(info.activityType);
      if (exempt?.needsJob === false) return await next(input);
      const run = await this.#caller(info);
      if (exempt !== undefined) return await callers.run(run, () => next(input));
      const action = await this.#actionOf(info, run);
      const refusal = refusalOf(input, info, action);
      if (refusal !== undefined) throw await this.#deny(run, info, ...refusal);
      return await perform(this.#port, {
        run,
        action,
        step: `${run.stepPrefix}/${info.activityId}`,
        payload: input.args.length === 1 ? input.args[0] : input.args,
        deadlineMs: leaseMsOf(action, info),
      });
    } catch (error) {
      if (error instanceof LedgerUnavailableError) throw ledgerUnavailable(error);
      if (error instanceof UnknownCharterError) throw notHere(error);
      throw error;
    }
  }

  /** INVARIANT: only the ids the server gives are used. */
  async #caller({ workflowExecution }: Info): Promise<Run> {
    if (workflowExecution === undefined)
      throw denied({ code: 'STANDALONE_ACTIVITY', reason: 'an action runs only inside an admitted job' });
    const run = await identify(this.#port, workflowExecution.workflowId, workflowExecution.runId);
    if ('code' in run) throw denied(run);
    return run;
  }

  async #actionOf(info: Info, run: Run): Promise<Action> {
    const action = this.#port.registry.actions.get(info.activityType);
    if (action === undefined)
      throw await this.#deny(run, info, 'UNKNOWN_ACTION', `there is no action \`${info.activityType}\``);
    return action;
  }

  async #deny(run: Run, { activityId, activityType }: Info, code: string, reason: string): Promise<Error> {
    return denyOutright(this.#port, run, {
      step: `${run.stepPrefix}/${activityId}`,
      action: activityType,
      code,
      reason,
    });
  }
}

/** Why an action is not even looked at: code and reason. */
function refusalOf(
  { headers }: ActivityExecuteInput,
  { activityId, isLocal }: Info,
  { verb }: Action,
): readonly [string, string] | undefined {
  if (headers[GATE_HEADER] === undefined)
    return ['GATE_NOT_INSTALLED', 'the Workflow was bundled without the gate; add the plugin to the bundle'];
  // After a backoff the SDK gives a local Activity another id: what was done would not be found again.
  if (isLocal && verb !== 'read')
    return ['LOCAL_EFFECT', 'an effect runs as a regular Activity; only reads may be local'];
  if (/[~/]/.test(activityId) || storable(activityId) !== activityId)
    return ['STEP_REJECTED', 'an Activity id must hold no `~`, `/`, NUL or half character'];
  return undefined;
}
