/** Words that make a text a legal or a personnel matter. A word list, so it errs towards asking a person. */
const WORDS: Readonly<Record<'legal' | 'hr', readonly string[]>> = {
  legal: [
    'lawyer',
    'lawyers',
    'attorney',
    'solicitor',
    'lawsuit',
    'court',
    'sue',
    'suing',
    'liability',
    'liable',
    'litigation',
    'legal',
    'damages',
    'breach',
    'negligence',
    'indemnify',
    'settlement',
    'anwalt',
    'rechtsanwalt',
    'klage',
    'avocat',
    'tribunal',
  ],
  hr: [
    'dismissal',
    'dismissed',
    'salary',
    'severance',
    'harassment',
    'discrimination',
    'disciplinary',
    'redundancy',
    'payroll',
    'termination',
    'grievance',
    'kündigung',
    'gehalt',
    'licenciement',
  ],
};

/** A text as a person reads it: no invisible characters, and one form of every letter, digit and space. */
function asRead(text: string): string {
  return text.normalize('NFKC').replace(/\p{Cf}/gu, '');
}

/** Which kinds of delicate wording a text holds. */
export function wordingOf(text: string): readonly ('legal' | 'hr')[] {
  const words = new Set(
    asRead(text)
      .toLowerCase()
      .match(/\p{L}+/gu) ?? [],
  );
  return (['legal', 'hr'] as const).filter((kind) => WORDS[kind].some((word) => words.has(word)));
}

const BANK_PATTERNS = [
  /\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){3,7}(?:[ -]?[A-Z0-9]{1,3})?\b/i,
  /\b(?:iban|bic|swift|sort code|routing number|account (?:number|no\.?)|kontonummer)\b[^\n]{0,20}\d/i,
];

/** Whether a text carries an account number or something that reads like one. */
export function mentionsBankDetails(text: string): boolean {
  const read = asRead(text);
  return BANK_PATTERNS.some((pattern) => pattern.test(read));
}

const ANGRY = [
  'angry',
  'furious',
  'outrageous',
  'unacceptable',
  'ridiculous',
  'disgrace',
  'disgusting',
  'worst',
  'incompetent',
  'scam',
  'fraud',
  'liars',
  'fed up',
  'never again',
  'sick of',
  'appalling',
  'useless',
  'terrible',
  'unverschämt',
  'inacceptable',
];

export type Sentiment = 'angry' | 'neutral' | 'unknown';

/** A plain score: two angry words, or one with shouting, is anger; an empty text is unknown. */
export function sentimentOf(text: string): Sentiment {
  if (text.trim() === '') return 'unknown';
  const lower = text.toLowerCase();
  const shouting = /!{2,}/.test(text) || /\b[A-Z]{5,}(?:\s+[A-Z]{2,}){2,}/.test(text);
  const score = ANGRY.filter((word) => lower.includes(word)).length + (shouting ? 1 : 0);
  return score >= 2 ? 'angry' : 'neutral';
}
