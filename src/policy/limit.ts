import { usedOf } from './clause.ts';
import type { Reservation, Spoken } from './decision.ts';
import type { AuthorizationRequest, LiveState } from './request.ts';
import type { Limit } from './statement.ts';
import { readValue } from './value.ts';

/** What one limit makes of a call: what it uses up, and what the limit has to say against it. */
export interface LimitAnswer {
  readonly reservation: Reservation;
  readonly spoken?: Spoken;
}

/** INVARIANT: what is unknown narrows, and a negative amount never frees a limit. */
export function answerOfLimit(limit: Limit, request: AuthorizationRequest, live: LiveState): LimitAnswer {
  const amount = amountOf(limit, request);
  const used = usedOf(live, limit.id);
  const reservation = reserve(limit, amount);
  if (amount !== undefined && amount < 0) return { reservation, spoken: speak(limit, 'deny', 'a negative amount') };
  if (amount === undefined) return { reservation, spoken: speak(limit, limit.beyond, `\`${limit.sum}\` is unknown`) };
  if (used === undefined) return { reservation, spoken: speak(limit, limit.beyond, 'what is used so far is unknown') };
  if (used + amount <= limit.atMost) return { reservation };
  return { reservation, spoken: speak(limit, limit.beyond, `${used} used, ${amount} more asked`) };
}

/** One call counts one; a summed attribute counts what it says. */
function amountOf({ sum }: Limit, { attributes }: AuthorizationRequest): number | undefined {
  if (sum === undefined) return 1;
  const value = Object.hasOwn(attributes, sum) ? readValue('number', attributes[sum]) : undefined;
  return typeof value === 'number' ? value : undefined;
}

/** An amount nobody knows, once a person let it through, takes the whole limit. */
function reserve({ id, per, atMost }: Limit, amount: number | undefined): Reservation {
  return { limitId: id, per, amount: Math.max(0, amount ?? atMost), atMost };
}

function speak(limit: Limit, outcome: 'gate' | 'deny', why: string): Spoken {
  const what = limit.reason ?? `at most ${limit.atMost} per ${limit.per}`;
  return { id: `limit:${limit.id}`, layer: 'limit', outcome, reason: `${what} (${why})` };
}
