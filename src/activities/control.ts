import type { ControlActivities } from '../workflows/messages.ts';
import type { Action } from './action.ts';
import type { Brain } from './brain.ts';
import { dispatchDraft } from './dispatch-draft.ts';
import { denied } from './failures.ts';
import { callerRun } from './guard.ts';
import type { GuardPort } from './guard-port.ts';
import { recordSignals } from './record-signals.ts';
import type { Exempt } from './registry.ts';
import { think } from './think.ts';

/** Remit's own Activities, and why each needs no permission of its own. */
export const CONTROL: readonly Exempt[] = [
  {
    name: 'recordSignals',
    reason: 'reads what people told a job from the history of Temporal; believes no argument',
    needsJob: true,
  },
  { name: 'think', reason: 'asks the brain what it would like; changes nothing outside the ledger', needsJob: true },
  {
    name: 'dispatchDraft',
    reason: 'performs the action of a draft through the guard, on the order of a person in the ledger',
    needsJob: false,
  },
];

type Activities = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

/** The Activities of a Worker: actions, which only the guard can run, and Remit's own. */
export function activitiesOf(port: GuardPort, brains: readonly Brain[]): Activities {
  const byName = new Map(brains.map((brain) => [brain.name, brain]));
  const control: ControlActivities & { dispatchDraft: (draftId: string) => Promise<unknown> } = {
    recordSignals: () => recordSignals(port, callerRun()),
    think: (question) => think(port, byName, question),
    dispatchDraft: (draftId) => dispatchDraft(port, draftId),
  };
  const actions = [...port.registry.actions.values()].map((action) => [action.name, unguarded(action)] as const);
  return { ...Object.fromEntries(actions), ...control, default: unguarded({ name: 'unknown' }) };
}

/** INVARIANT: without the guard in front, an action is a refusal: the guard runs the effect, not the Activity function. */
function unguarded({ name }: Pick<Action, 'name'>): () => Promise<never> {
  return () =>
    Promise.reject(
      denied({
        code: 'GUARD_MISSING',
        reason: `\`${name}\` was reached without the guard; install the plugin in this Worker`,
      }),
    );
}
