import type { z } from 'zod';
import type { ActionShape, Json, Label, Risk, ValueType, Verb } from '../policy/vocabulary.ts';

/** One attribute of the effect: its type for the charter's checker, and how it is taken from the payload. */
export interface AttributeDefinition<Input> {
  readonly type: ValueType;
  /** `undefined` means unknown, which narrows. */
  readonly of: (input: Input) => Json | undefined;
}

/** How long this attempt may act, and how it is told to stop. */
export interface Lease {
  /** Epoch milliseconds. After it, nothing may be attempted under this intent. */
  readonly deadlineAt: number;
  /** Aborts at the deadline or when Temporal cancels the Activity. */
  readonly signal: AbortSignal;
}

/** An agent's own name and the means to prove it. */
export interface Credential {
  readonly agent: string;
  /** Mints a token for this action alone; each call a new one, none outliving the lease. */
  readonly token: () => Promise<string>;
}

/** What an action is given besides its payload. */
export interface ActionContext {
  /** The same for every attempt at this step: an idempotency key for the target, 32 lower-case hex characters. */
  readonly key: string;
  readonly lease: Lease;
  /** For short-lived ES256 tokens in the agent's own name, `exp` at the lease's deadline. */
  readonly credential: Credential;
  readonly job: {
    readonly jobId: string;
    readonly workflowId: string;
    readonly agent: string;
    readonly charter: string;
    readonly case: Readonly<Record<string, Json>>;
  };
}

/** One record a read returns. Fields the charter did not grant are stripped by the guard. */
export interface RecordRead {
  readonly id: string;
  readonly fields: Readonly<Record<string, Json>>;
  /** `trusted` for our own records; `untrusted` for what outsiders wrote; add `sensitive` where it could hurt someone. */
  readonly labels: readonly Label[];
  /** Where it came from, such as `maildir:new/1.eml`. */
  readonly origin: string;
}

/** What a read returns to the guard, and (stripped) to the agent. */
export interface ReadResult {
  readonly records: readonly RecordRead[];
}

/** What the target says of an effect whose outcome was lost. */
export type Probe =
  { readonly done: true; readonly result: Json } | { readonly done: false } | { readonly done: 'unknown' };

interface Named<Input> {
  /** `system.verbRecord`; also the Activity's name. */
  readonly name: string;
  /** `system.record`. */
  readonly record: string;
  /** One line for people and for the agent's tool list. */
  readonly says: string;
  /** A strict schema: what it does not know is rejected. */
  readonly input: z.ZodType<Input>;
  readonly attributes: Readonly<Record<string, AttributeDefinition<Input>>>;
  /** The exact action in words: `Send this reply to dana@acme.example`. */
  readonly sentence: (input: Input) => string;
  readonly risk?: Risk;
}

export interface ReadDefinition<Input> extends Named<Input> {
  readonly verb: 'read';
  /** Every field the read can return. */
  readonly fields: readonly string[];
  readonly run: (input: Input, context: ActionContext) => Promise<ReadResult>;
}

export interface EffectDefinition<Input> extends Named<Input> {
  readonly verb: Exclude<Verb, 'read'>;
  /** Whether a held call can be kept and sent later by a person. */
  readonly draftable?: boolean;
  /** How long one attempt may take, in milliseconds; 30 s unless said. */
  readonly leaseMs?: number;
  /**
   * What to do when an attempt's outcome was lost: `resend` if the target honours `key`, `probe` if it can be asked,
   * else `person`.
   */
  readonly inDoubt: 'resend' | 'probe' | 'person';
  /** Needed for `inDoubt: 'probe'`. */
  readonly probe?: (input: Input, context: ActionContext) => Promise<Probe>;
  /** Throws {@link NotDoneError} when it is certain that nothing happened; any other error leaves the effect in doubt. */
  readonly run: (input: Input, context: ActionContext) => Promise<Json>;
}

export type ActionDefinition<Input> = ReadDefinition<Input> | EffectDefinition<Input>;

/** An action as the guard holds it; its payload is unknown until its schema has read it. */
// oxlint-disable-next-line typescript/no-explicit-any -- a registry holds actions of every input type; the schema guards each
export type Action = ActionDefinition<any>;

/** Declares a typed verb on a business record. @throws TypeError when verb, fields or probe do not fit together */
export function defineAction<Input>(definition: ActionDefinition<Input>): ActionDefinition<Input> {
  if (definition.verb !== 'read' && definition.inDoubt === 'probe' && definition.probe === undefined)
    throw new TypeError(`action \`${definition.name}\` says it can be probed but brings no probe`);
  return definition;
}

const riskOf: Readonly<Record<Verb, Risk>> = {
  read: 'low',
  draft: 'low',
  propose: 'low',
  write: 'medium',
  send: 'medium',
  invite: 'high',
  approve: 'high',
  purchase: 'high',
  refund: 'high',
  delete: 'high',
};

/** Whether a call of it can be kept instead of done, for a person to send later. */
export function draftable(action: Action): boolean {
  return action.verb !== 'read' && action.draftable === true;
}

/** What the policy needs to know of an action. */
export function shapeOf(action: Action): ActionShape {
  return {
    name: action.name,
    verb: action.verb,
    record: action.record,
    risk: action.risk ?? riskOf[action.verb],
    draftable: draftable(action),
    fields: action.verb === 'read' ? action.fields : [],
    attributes: Object.fromEntries(Object.entries(action.attributes).map(([name, { type }]) => [name, type])),
  };
}
