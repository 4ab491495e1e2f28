import type { ApprovalRow } from '../ledger/approval.ts';
import type { Intent, OpenedStep, StepRow } from '../ledger/step.ts';
import type { Decision } from '../policy/decision.ts';

/** What the guard does next. */
export type Ruling =
  | { readonly go: 'read'; readonly decision: Decision }
  | { readonly go: 'effect'; readonly decision: Decision; readonly intent: Intent }
  | { readonly go: 'recorded'; readonly row: StepRow }
  | { readonly go: 'unsettled'; readonly row: StepRow }
  | { readonly go: 'in-doubt'; readonly row: StepRow }
  | { readonly go: 'ask'; readonly request: ApprovalRow; readonly opened: OpenedStep }
  | { readonly go: 'held'; readonly draftId: string; readonly reason: string }
  | { readonly go: 'refused'; readonly code: string; readonly reason: string }
  | { readonly go: 'denied'; readonly code: string; readonly reason: string }
  | { readonly go: 'stale-policy'; readonly revision: string | null };
