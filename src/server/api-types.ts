import { z } from 'zod';
import { JsonSchema } from '../audit/canonical.ts';
import { AssuranceSchema } from '../policy/statement.ts';
import { ScopeSchema } from '../policy/revocation.ts';
import { LevelSchema } from '../policy/vocabulary.ts';

/** What server and clients say to each other. Requests are strict; answers may grow. Every `…At` is epoch milliseconds. */
const Name = z.string().trim().min(1).max(100);
const Note = z.string().max(4_000);
/** Who asks. The token makes it a `session`, whatever the name. */
export const PersonSchema = z.string().trim().min(1, 'is empty; say who you are').max(100);
const as = PersonSchema;

export const StartRequestSchema = z.strictObject({
  charter: Name,
  case: z.record(z.string(), z.unknown()),
  brain: Name.optional(),
  workflowId: z.string().min(1).max(500).optional(),
  as,
});
export const VerdictRequestSchema = z.strictObject({
  verdict: z.enum(['approved', 'refused', 'kept']),
  note: Note.optional(),
  as,
});
export const RestoreRequestSchema = z.union(
  [z.strictObject({ revocationId: Name, as }), z.strictObject({ scope: ScopeSchema, as })],
  { error: 'say what to restore, a `revocationId` or a `scope`, and who you are, `as`' },
);
export const AsRequestSchema = z.strictObject({ as });

const By = z.object({ name: z.string(), assurance: AssuranceSchema, door: z.string() });

export const StartedSchema = z.object({
  jobId: z.string(),
  workflowId: z.string(),
  runId: z.string(),
  url: z.string().optional(),
});
export type Started = z.infer<typeof StartedSchema>;

export const ApprovalSchema = z.object({
  requestId: z.string(),
  jobId: z.string(),
  workflowId: z.string(),
  action: z.string(),
  sentence: z.string(),
  reason: z.string(),
  riskClasses: z.array(z.string()),
  assurance: z.string(),
  state: z.string(),
  askedAt: z.int(),
  expiresAt: z.int(),
  atExpiry: z.string(),
  decidedBy: z.string().nullable(),
  note: z.string().nullable(),
});
export type Approval = z.infer<typeof ApprovalSchema>;
export const ApprovalDetailSchema = ApprovalSchema.extend({
  payload: JsonSchema.optional(),
  sources: z.array(JsonSchema),
});
export type ApprovalDetail = z.infer<typeof ApprovalDetailSchema>;

export const DraftSchema = z.object({
  draftId: z.string(),
  jobId: z.string(),
  action: z.string(),
  sentence: z.string(),
  reason: z.string(),
  state: z.string(),
  heldAt: z.int(),
  sentBy: z.string().nullable(),
  says: z.string().nullable(),
});
export type Draft = z.infer<typeof DraftSchema>;
export const DraftDetailSchema = DraftSchema.extend({ payload: JsonSchema.optional() });
export type DraftDetail = z.infer<typeof DraftDetailSchema>;
export const SentSchema = z.object({ draftId: z.string(), result: JsonSchema });

export const LiveRevocationSchema = z.object({
  revocationId: z.string(),
  says: z.string(),
  author: z.string(),
  at: z.int(),
});
export type LiveRevocation = z.infer<typeof LiveRevocationSchema>;
export const ReceiptSchema = z.object({
  revocationId: z.string(),
  /** What is revoked, in words. */
  says: z.string(),
  at: z.int(),
  /** Effects begun before it, each over by its deadline. */
  stillFinishing: z.array(z.object({ workflowId: z.string(), action: z.string(), deadlineAt: z.int() })),
});
export type Receipt = z.infer<typeof ReceiptSchema>;
export const RestoredSchema = z.object({ restored: z.array(z.string()) });

export const JobSchema = z.object({
  jobId: z.string(),
  workflowId: z.string(),
  charter: z.string(),
  agent: z.string(),
  /** `ended` when Temporal no longer knows how. */
  state: z.enum(['running', 'waiting', 'done', 'failed', 'cancelled', 'terminated', 'timed-out', 'ended']),
  failure: z.string().nullable(),
  waits: z.int(),
  starter: By,
  admittedAt: z.int(),
  endedAt: z.int().nullable(),
});
export type JobSummary = z.infer<typeof JobSchema>;

export const VerificationSchema = z.union([
  z.object({ ok: z.literal(true), entries: z.int(), erasedBodies: z.int() }),
  z.object({ ok: z.literal(false), seq: z.int(), problem: z.string() }),
]);

export const JobDetailSchema = JobSchema.extend({
  case: z.record(z.string(), JsonSchema),
  brain: z.string().nullable(),
  /** As Temporal says, such as `RUNNING` or `PAUSED`; `UNKNOWN` when it does not. */
  temporal: z.string(),
  url: z.string().optional(),
  level: LevelSchema,
  mode: z.enum(['open', 'narrowed', 'disabled']),
  approvals: z.array(ApprovalSchema),
  steps: z.array(
    z.object({ step: z.string(), action: z.string(), state: z.string(), says: z.string().nullable(), at: z.int() }),
  ),
  drafts: z.array(DraftSchema),
  revocations: z.array(z.object({ revocationId: z.string(), says: z.string() })),
  audit: VerificationSchema,
});
export type JobDetail = z.infer<typeof JobDetailSchema>;

export const CharterSummarySchema = z.object({
  charter: z.string(),
  agent: z.string(),
  owner: z.string(),
  revision: z.string(),
});
export const ExplainedSchema = CharterSummarySchema.extend({ level: LevelSchema, paragraph: z.string() });

export const StorySchema = z.object({
  jobId: z.string(),
  workflowId: z.string(),
  lines: z.array(z.object({ at: z.int(), says: z.string() })),
});
export type Story = z.infer<typeof StorySchema>;

export const VerifiedSchema = z.object({
  ok: z.boolean(),
  chains: z.int(),
  entries: z.int(),
  bad: z.array(z.object({ chain: z.string(), seq: z.int(), problem: z.string() })),
});
export type Verified = z.infer<typeof VerifiedSchema>;

export const DoctorSchema = z.object({
  ok: z.boolean(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), says: z.string() })),
});
export type Doctor = z.infer<typeof DoctorSchema>;

export const ErrorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
export const listOf = <T extends z.ZodType>(schema: T) => z.object({ items: z.array(schema) });
