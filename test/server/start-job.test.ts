import { describe, expect, it } from 'vitest';
import type { Brain } from '../../src/activities/brain.ts';
import { brainFor } from '../../src/server/start-job.ts';

const app = (...names: readonly string[]) => ({
  brains: names.map((name): Brain => ({ name, next: async () => ({ done: true, say: '' }) })),
});

describe('the brain of a job', () => {
  it.each([
    [['playbook', 'worst-case'], undefined, 'playbook'],
    [['thanker'], undefined, 'thanker'],
    [['playbook', 'worst-case'], 'worst-case', 'worst-case'],
  ])('among %j with %s named is %s', (names, named, brain) => {
    expect(brainFor(app(...names), named)).toBe(brain);
  });

  it.each([
    [['one', 'two'], undefined, 'say which brain works it; there are one, two'],
    [['thanker'], 'playbook', 'there is no brain `playbook`; there are thanker'],
  ])('among %j with %s named is refused', (names, named, said) => {
    expect(() => brainFor(app(...names), named)).toThrow(said);
  });
});
