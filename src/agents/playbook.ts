import type { Brain, BrainStep, Situation } from '../activities/brain.ts';
import type { Call } from '../workflows/messages.ts';
import { learn, type Knowledge, type Tried } from './playbook/knowledge.ts';
import { effectsFor, handOver, readsFor } from './playbook/plan.ts';
import { topicOf } from './playbook/topic.ts';

/** Works a case by rules, without a model: read, look up, do the harmless right thing, say so. */
export const playbook: Brain = {
  name: 'playbook',
  next: (situation) => Promise.resolve(nextStep(situation)),
};

/** The next step follows from the transcript alone, so a replayed job is answered the same. */
export function nextStep(situation: Situation): BrainStep {
  const known = learn(situation);
  const stages = [opening, lookUps, effects, rescue];
  for (const stage of stages) {
    const calls = stage(known).filter((call) => !wasTried(call, known));
    if (calls.length > 0) return { done: false, say: `${calls.map(({ action }) => action).join(' and ')}`, calls };
  }
  return { done: true, say: summaryOf(known) };
}

function opening({ messageId, sender }: Knowledge): readonly Call[] {
  return [
    { action: 'mailbox.readMessage', input: { messageId } },
    { action: 'crm.findCustomer', input: { email: sender } },
  ];
}

const lookUps = (known: Knowledge): readonly Call[] => (known.message === undefined ? [] : readsFor(known));

/** Planned once: what came of the effects changes no plan. */
const effects = (known: Knowledge): readonly Call[] => (known.message === undefined ? [] : effectsFor(known));

/** Whatever did not get through goes to a person, with the reason; once. */
function rescue(known: Knowledge): readonly Call[] {
  const [first] = troubles(known);
  if (first === undefined || known.tried.some(({ call }) => call.action === 'crm.handOver')) return [];
  return [handOver(known, `${first.call.action} was ${first.result.outcome}: ${first.reason}`.slice(0, 900))];
}

/** Reads by what they ask for, effects by name: each is tried once, whatever the answer. */
function wasTried({ action, input }: Call, { tried }: Knowledge): boolean {
  const isLookUp = action === 'crm.readOrder' || action === 'crm.readInvoice';
  return tried.some(({ call }) => call.action === action && (!isLookUp || sameInput(call.input, input)));
}

const sameInput = (one: Call['input'], other: Call['input']): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Effects and the opening reads that did not get through; a look-up that was denied is an answer, and planned for. */
function troubles({ tried }: Knowledge): readonly (Tried & { reason: string })[] {
  return tried.flatMap((one) =>
    one.result.outcome === 'done' || /^crm\.(readOrder|readInvoice)$/.test(one.call.action)
      ? []
      : [{ ...one, reason: one.result.reason }],
  );
}

function summaryOf(known: Knowledge): string {
  const done = known.tried.filter(({ call, result }) => result.outcome === 'done' && !isRead(call.action));
  const not = known.tried.filter(({ result }) => result.outcome !== 'done');
  const about = known.message === undefined ? 'a message that could not be read' : topicOf(known).replaceAll('-', ' ');
  const did = done.length === 0 ? 'nothing was done' : `did ${done.map(({ call }) => call.action).join(', ')}`;
  const kept =
    not.length === 0
      ? ''
      : `; not done: ${not.map(({ call, result }) => `${call.action} (${result.outcome})`).join(', ')}`;
  return `About ${about}: ${did}${kept}.`;
}

const isRead = (action: string): boolean => /\.(read|find)/.test(action);
