import type { Action, ActionContext } from '../../src/activities/action.ts';
import type { Json } from '../../src/policy/vocabulary.ts';

/** What an action is given by the guard; any part can be said otherwise. */
export function aContext(more: Partial<ActionContext> = {}): ActionContext {
  return {
    key: '0123456789abcdef0123456789abcdef',
    lease: { deadlineAt: Date.now() + 10_000, signal: new AbortController().signal },
    credential: { agent: 'support-inbox', token: async () => 'a-token' },
    job: {
      jobId: 'job-1',
      workflowId: 'support-inbox-1',
      agent: 'support-inbox',
      charter: 'order-status-replies',
      case: {},
    },
    ...more,
  };
}

/** The action of that name. */
export function named(actions: readonly Action[], name: string): Action {
  const found = actions.find((action) => action.name === name);
  if (found === undefined) throw new Error(`no action \`${name}\``);
  return found;
}

/** An action's attributes for a payload, as the guard takes them; unknown ones are left out. */
export function attributesOf(action: Action, input: unknown): Readonly<Record<string, Json>> {
  const payload = action.input.parse(input);
  const entries = Object.entries(action.attributes).map(([name, { of }]) => [name, of(payload)] as const);
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
