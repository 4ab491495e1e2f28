import { ApprovalSchema } from '../../server/api-types.ts';
import { path } from '../client.ts';
import type { Context } from '../command.ts';
import { plain } from '../io.ts';

export interface VerdictOptions {
  readonly note?: string;
  readonly as: string;
  readonly json?: true;
}

const DONE = { approved: 'Approved, once', refused: 'Refused', kept: 'Kept as a draft' } as const;

/** Says what a person decided. */
export async function decide(
  { client, print }: Context,
  requestId: string,
  verdict: keyof typeof DONE,
  { note, as, json }: VerdictOptions,
): Promise<void> {
  const decided = await client().post(path('approvals', requestId, 'verdict'), ApprovalSchema, { verdict, note, as });
  print(json, decided, [`${DONE[verdict]}: ${plain(decided.sentence)}`]);
}
