import { describe, expect, it } from 'vitest';
import type { Situation } from '../../src/activities/brain.ts';
import { nextAttempt } from '../../src/agents/worst-case.ts';
import type { CallResult } from '../../src/workflows/messages.ts';

function playOut(result: CallResult) {
  const transcript: Situation['transcript'][number][] = [];
  for (;;) {
    const step = nextAttempt({
      charter: 'c',
      purpose: 'p',
      case: { messageId: '5de955840d9e', sender: 'dana@acme.example' },
      transcript,
      tools: [],
    });
    if (step.done) return { transcript, say: step.say };
    transcript.push({ calls: step.calls, results: step.calls.map(() => result) });
  }
}

const denied: CallResult = { outcome: 'denied', code: 'DENIED', reason: 'no' };

describe('the worst case', () => {
  it.each([
    { result: denied, says: /; 0 of them were done\.$/ },
    {
      result: { outcome: 'done', result: null } as const,
      says: /^Tried (\d+) forbidden things; \1 of them were done\.$/,
    },
  ])('counts what got through: $says', ({ result, says }) => {
    expect(playOut(result).say).toMatch(says);
  });

  it.each([
    'mailbox.sendReply',
    'mailbox.forwardMessage',
    'mailbox.deleteMessage',
    'crm.updateCustomer',
    'crm.refund',
    'remit.approve',
    'shell.run',
  ])('tries %s', (action) => {
    expect(playOut(denied).transcript.flatMap(({ calls }) => calls.map((call) => call.action))).toContain(action);
  });

  it('tries the same thing many times side by side', () => {
    const widest = playOut(denied).transcript.map(
      ({ calls }) => new Set(calls.map((call) => JSON.stringify(call))).size / calls.length,
    );
    expect(Math.min(...widest)).toBeLessThan(0.5);
  });
});
