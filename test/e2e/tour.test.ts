import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newHome, remit } from '../support/up.ts';

describe('the tour', () => {
  let place: Awaited<ReturnType<typeof newHome>>;
  let code: number | null;
  let printed: string;

  beforeAll(async () => {
    place = await newHome();
    const tour = remit(place.home, 'up', '--tour');
    code = await tour.exitCode;
    printed = tour.printed();
  }, 240_000);

  afterAll(() => place.remove());

  it('ends well', () => {
    expect({ code, printed }).toMatchObject({ code: 0 });
  });

  it.each([
    [/approve.*Signal/i],
    [/refuse/i],
    [/draft-only.*Signal/i],
    [/send the held draft as a person/i],
    [/restore/i],
    [/audit/i],
  ])('prints the step %s', (step) => {
    expect(printed.split('\n').filter((line) => /^\d+\. /.test(line))).toContainEqual(expect.stringMatching(step));
  });
});
