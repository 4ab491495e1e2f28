import { expect, it } from 'vitest';
import { z } from 'zod';
import { problemInWords } from '../../src/server/problem.ts';

const schema = z.object({ who: z.object({ name: z.string().min(1, 'is empty') }), how: z.enum(['a', 'b']) });
const problems = (typed: unknown) =>
  schema.safeParse(typed).error?.issues.map((issue) => problemInWords(issue, typed, 'case'));

it.each([
  [{ who: {}, how: 'a' }, ['`case.who.name` is missing']],
  [{ who: { name: 'x' } }, ['`case.how` is missing']],
  [{ who: { name: '' }, how: 'a' }, ['`case.who.name` is empty']],
  [{}, ['`case.who` is missing', '`case.how` is missing']],
  [{ who: { name: 5 }, how: 'a' }, ['`case.who.name`: Invalid input: expected string, received number']],
  [undefined, ['it is missing']],
])('tells what is wrong with %j', (typed, said) => {
  expect(problems(typed)).toEqual(said);
});
