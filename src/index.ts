/**
 * The public names of Remit, one by one.
 *
 * An app declares actions and facts and says where its charters are; `remit up --app FILE` runs it. A Worker of your own
 * takes {@link RemitPlugin} over a port from {@link openGuardPort}; each Activity you register must then be an action or
 * exempt with a reason.
 */
export { defineApp } from './app.ts';
export type { AppEnvironment, Intake, OpenApp, RemitApp } from './app.ts';

export { defineAction } from './activities/action.ts';
export type {
  Action,
  ActionContext,
  ActionDefinition,
  AttributeDefinition,
  EffectDefinition,
  Lease,
  Probe,
  ReadDefinition,
  ReadResult,
  RecordRead,
} from './activities/action.ts';
export { NotDoneError } from './activities/not-done-error.ts';
export { defineFact } from './activities/fact.ts';
export type { FactDefinition, FactQuestion } from './activities/fact.ts';
export type { Brain, BrainStep, Situation, ToolOffer } from './activities/brain.ts';

export { BUNDLE, openGuardPort, RemitPlugin } from './plugin.ts';
export type { RemitOptions } from './plugin.ts';
export type { Bindings } from './activities/admission.ts';
export type { DecisionLog, GuardPort } from './activities/guard-port.ts';
export { RegistryError } from './activities/registry.ts';
export type { Exempt } from './activities/registry.ts';
export { Sweeper } from './activities/sweeper.ts';
export type { SweeperOptions } from './activities/sweeper.ts';

export { Ledger } from './ledger/ledger.ts';
export type { LedgerOptions } from './ledger/ledger.ts';
export { LedgerUnavailableError } from './ledger/unavailable-error.ts';
export { CredentialBroker } from './identity/credential.ts';
export type { CredentialClaims } from './identity/credential.ts';
export { CharterError } from './charters/charter-error.ts';
export { RemitError } from './policy/error.ts';

export type {
  Approve,
  BoundaryView,
  CallResult,
  JobInput,
  JobReport,
  PendingApproval,
  Refuse,
  Restore,
  Revoke,
} from './workflows/messages.ts';
export type { Json, Label, Level, Outcome, Risk, ValueType, Verb } from './policy/vocabulary.ts';
