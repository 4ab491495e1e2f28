import { z } from 'zod';
import { AssuranceSchema } from '../policy/statement.ts';
import { LabelSchema, OutcomeSchema } from '../policy/vocabulary.ts';

/** A body kept apart from its entry: erasing it keeps the proof. `digest` is SHA-256 of salt and content, lower-case hex. */
export const BodyReferenceSchema = z.strictObject({ bodyId: z.string(), digest: z.string() }).readonly();
export type BodyReference = z.infer<typeof BodyReferenceSchema>;

const Digest = z.string().regex(/^[0-9a-f]{64}$/);
const Step = z.string();
const Body = BodyReferenceSchema.optional();

/** Who acted, how they came in and how sure we are of them. */
const By = z.strictObject({ name: z.string(), assurance: AssuranceSchema, door: z.string() });

/**
 * One link of a chain. Eight kinds; bodies (payloads, mail, notes) live apart.
 *
 * `input`: what came in (an admission, a brain's answer, a Signal, a revocation, a charter).
 */
export const AuditEntrySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('input'),
    at: z.int(),
    what: z.enum(['admitted', 'admission-refused', 'thought', 'signal', 'revoked', 'restored', 'charter']),
    says: z.string(),
    by: By.optional(),
    body: Body,
  }),
  z.strictObject({
    kind: z.literal('source-record'),
    at: z.int(),
    step: Step,
    record: z.string(),
    id: z.string(),
    origin: z.string(),
    labels: z.array(LabelSchema),
    digest: Digest,
  }),
  z.strictObject({
    kind: z.literal('retrieved-context'),
    at: z.int(),
    step: Step,
    action: z.string(),
    records: z.int(),
    granted: z.array(z.string()),
    withheld: z.array(z.string()),
    digest: Digest,
  }),
  z.strictObject({
    kind: z.literal('tool-call'),
    at: z.int(),
    step: Step,
    action: z.string(),
    attempt: z.int(),
    digest: Digest.optional(),
    body: Body,
  }),
  z.strictObject({
    kind: z.literal('decision'),
    at: z.int(),
    step: Step,
    action: z.string(),
    outcome: OutcomeSchema,
    code: z.string(),
    determining: z.array(z.string()),
    revision: z.string(),
    /** The request and the sentence. */
    body: Body,
  }),
  z.strictObject({
    kind: z.literal('approval-event'),
    at: z.int(),
    step: Step,
    requestId: z.string(),
    event: z.enum([
      'asked',
      'approved',
      'refused',
      'kept-as-draft',
      'fell-short',
      'expired',
      'withdrawn',
      'spent',
      'given-back',
      'asked-again',
    ]),
    by: By.optional(),
    /** Note and, where one was asked, the sentence. */
    body: Body,
  }),
  z.strictObject({
    kind: z.literal('final-action'),
    at: z.int(),
    step: Step,
    action: z.string(),
    attempt: z.int(),
    digest: Digest,
    effectKey: z.string(),
    deadlineAt: z.int(),
    approvalId: z.string().optional(),
    by: By.optional(),
  }),
  z.strictObject({
    kind: z.literal('downstream-result'),
    at: z.int(),
    step: Step,
    action: z.string(),
    outcome: z.enum(['done', 'not-done', 'in-doubt', 'held']),
    says: z.string(),
    body: Body,
  }),
]);
export type AuditEntry = z.infer<typeof AuditEntrySchema>;
export type By = z.infer<typeof By>;
