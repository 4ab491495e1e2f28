import { z } from 'zod';
import { JsonSchema } from '../audit/canonical.ts';
import { storable } from '../ledger/storable.ts';
import { keepThought, recall } from '../ledger/thought.ts';
import type { Job } from '../ledger/job.ts';
import type { Policy } from '../policy/compile.ts';
import type { Json } from '../policy/vocabulary.ts';
import type { ThinkAnswer, ThinkQuestion } from '../workflows/messages.ts';
import { boundaryView } from './boundary-view.ts';
import type { Brain, BrainStep, Situation, ToolOffer } from './brain.ts';
import { denied } from './failures.ts';
import { callerRun } from './guard.ts';
import type { GuardPort } from './guard-port.ts';

/** A brain's answer is outside data like any other. */
const BrainStepSchema: z.ZodType<BrainStep> = z.discriminatedUnion('done', [
  z.strictObject({ done: z.literal(true), say: z.string() }),
  z.strictObject({
    done: z.literal(false),
    say: z.string().optional(),
    calls: z
      .array(z.strictObject({ action: z.string().max(200), input: JsonSchema }))
      .min(1)
      .max(20),
  }),
]) as unknown as z.ZodType<BrainStep>;

const MOST_TURNS = 200;

/** Asks the job's brain for its next step; a replayed, retried or reset job gets the answer that was kept. */
export async function think(
  port: GuardPort,
  brains: ReadonlyMap<string, Brain>,
  { turn, transcript }: ThinkQuestion,
): Promise<ThinkAnswer> {
  const { job } = callerRun();
  const { policy } = port.policies.lastKnown(job.charter);
  const kept = await recall(port.ledger, job.jobId, turn);
  const step = BrainStepSchema.parse(
    kept ?? (await ask(port, brainOf(brains, job), situationOf(port, job, policy, transcript), { job, turn })),
  );
  return {
    step: step.done
      ? step
      : { ...step, calls: step.calls.map((call) => ({ ...call, summary: summaryOf(port, call) })) },
    boundary: await boundaryView(port.ledger, policy, job),
  };
}

async function ask(
  port: GuardPort,
  brain: Brain,
  situation: Situation,
  { job, turn }: { job: Job; turn: number },
): Promise<Json> {
  const step =
    turn >= MOST_TURNS
      ? ({ done: true, say: `stopped after ${MOST_TURNS} turns` } as const)
      : await brain.next(situation);
  const read = JsonSchema.parse(stepOf(brain, step));
  return keepThought(port.ledger, { jobId: job.jobId, turn, brain: brain.name, answer: read });
}

/** What is no step will not become one by asking again: the job ends and says so. */
function stepOf({ name }: Brain, answer: BrainStep): BrainStep {
  const read = BrainStepSchema.safeParse(storable(answer));
  if (read.success) return read.data;
  throw denied({
    code: 'BRAIN_REJECTED',
    reason: `brain ${name} answered what is no step: ${z.prettifyError(read.error)}`,
  });
}

function brainOf(brains: ReadonlyMap<string, Brain>, { brain }: Job): Brain {
  const found = brains.get(brain ?? 'playbook');
  if (found === undefined)
    throw denied({
      code: 'UNKNOWN_BRAIN',
      reason: `there is no brain \`${brain}\`; there are ${[...brains.keys()].join(', ')}`,
    });
  return found;
}

function situationOf(
  { registry }: GuardPort,
  job: Job,
  policy: Policy,
  transcript: Situation['transcript'],
): Situation {
  const tools = policy.offers.flatMap((name): ToolOffer[] => {
    const action = registry.actions.get(name);
    if (action === undefined) return [];
    const { says, verb, record } = action;
    return [
      {
        action: name,
        says,
        verb,
        record,
        input: JsonSchema.parse(z.toJSONSchema(action.input as z.ZodType, { io: 'input', unrepresentable: 'any' })),
      },
    ];
  });
  return { charter: job.charter, purpose: policy.charter.purpose, case: job.case, transcript, tools };
}

/** Business words for Temporal's timeline; 200 bytes are shown. */
function summaryOf({ registry }: GuardPort, { action: name, input }: { action: string; input: Json }): string {
  const action = registry.actions.get(name);
  if (action === undefined) return `Unknown action ${name.slice(0, 60)}`;
  const read = action.input.safeParse(input);
  return (read.success ? action.sentence(read.data) : action.says).slice(0, 120);
}
