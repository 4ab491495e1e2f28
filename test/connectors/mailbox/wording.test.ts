import { describe, expect, it } from 'vitest';
import { mentionsBankDetails, sentimentOf, wordingOf } from '../../../src/connectors/mailbox/wording.ts';

describe('wording', () => {
  it.each([
    { text: 'Your order A-20411 is shipped with Parcelo.', kinds: [] },
    { text: 'Our lawyer will answer', kinds: ['legal'] },
    { text: 'COURT', kinds: ['legal'] },
    { text: 'about your salary and the lawsuit', kinds: ['legal', 'hr'] },
    { text: 'Kündigung', kinds: ['hr'] },
    { text: 'the courtyard', kinds: [] },
  ])('of `$text` is $kinds', ({ text, kinds }) => {
    expect(wordingOf(text)).toEqual(kinds);
  });

  it.each([
    { text: 'IBAN GB33 BUKB 2020 1555 5555 55', found: true },
    { text: 'DE89370400440532013000', found: true },
    { text: 'account number: 12345678', found: true },
    { text: 'sort code 20-20-15', found: true },
    { text: 'we never change payment details by mail', found: false },
    { text: 'order A-20411, track at https://track.parcelo.example/PX20411', found: false },
  ])('`$text` mentions bank details: $found', ({ text, found }) => {
    expect(mentionsBankDetails(text)).toBe(found);
  });

  it.each([
    { text: 'This is ridiculous!! You are the worst.', mood: 'angry' },
    { text: 'Where is my order?', mood: 'neutral' },
    { text: 'A terrible mix-up on my side, sorry', mood: 'neutral' },
    { text: '  ', mood: 'unknown' },
  ])('`$text` sounds $mood', ({ text, mood }) => {
    expect(sentimentOf(text)).toBe(mood);
  });
});
