import type { Info } from '@temporalio/activity';
import type { Action } from './action.ts';

const DEFAULT_LEASE_MS = 30_000;

/** The lease ends before Temporal gives the attempt up, so that nothing acts after a retry may have begun. */
export function leaseMsOf(action: Action, { startToCloseTimeoutMs, scheduleToCloseTimeoutMs }: Info): number {
  const lease = action.verb === 'read' ? DEFAULT_LEASE_MS : (action.leaseMs ?? DEFAULT_LEASE_MS);
  const bounds = [startToCloseTimeoutMs, scheduleToCloseTimeoutMs].filter((ms) => ms > 0);
  return Math.min(lease, ...bounds);
}
