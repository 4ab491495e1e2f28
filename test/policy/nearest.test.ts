import { expect, it } from 'vitest';
import { editDistance, nearest } from '../../src/policy/nearest.ts';

it.each([
  ['kitten', 'sitting', 3],
  ['recipeint', 'recipient', 1],
  ['', 'abc', 3],
  ['same', 'same', 0],
])('finds %s and %s %i apart', (from, to, distance) => {
  expect(editDistance(from, to)).toBe(distance);
});

it.each([
  ['sned', 'send'],
  ['permitz', 'permits'],
  ['xyz', undefined],
  ['a', undefined],
])('takes %s for %s', (word, meant) => {
  expect(nearest(word, ['send', 'read', 'permits', 'is'])).toBe(meant);
});
