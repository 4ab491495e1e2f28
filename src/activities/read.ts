import { digestOf } from '../audit/canonical.ts';
import type { AuditEntry } from '../audit/entry.ts';
import { AuditNotes } from '../ledger/audit-log.ts';
import { remembering } from '../ledger/past.ts';
import { storable } from '../ledger/storable.ts';
import type { Decision } from '../policy/decision.ts';
import type { Json } from '../policy/vocabulary.ts';
import type { ReadDefinition, ReadResult, RecordRead } from './action.ts';
import type { GuardedCall } from './guarded-call.ts';
import { contextFor } from './effect.ts';
import type { GuardPort } from './guard-port.ts';

/**
 * Runs a permitted read, strips what was not granted and commits what was read before anyone sees it.
 *
 * INVARIANT: a label is on record before the content that carries it is returned.
 */
export async function read(
  port: GuardPort,
  call: GuardedCall,
  decision: Decision,
  cancelled: AbortSignal,
): Promise<Json> {
  const action = call.action as ReadDefinition<Json>;
  const context = contextFor(port, call, call.digest.slice(0, 32), call.deadlineAt, cancelled);
  const { records } = storable(await action.run(call.payload, context));
  const granted = records.map((record) => strip(record, decision.fields.granted));
  await remember(port, call, { records }, granted, decision);
  return { records: granted, withheld: decision.fields.withheld };
}

type Granted = { readonly [key: string]: Json; readonly id: string; readonly origin: string };

function strip({ id, fields, labels, origin }: RecordRead, granted: readonly string[]): Granted {
  return {
    id,
    origin,
    labels,
    fields: Object.fromEntries(Object.entries(fields).filter(([name]) => granted.includes(name))),
  };
}

async function remember(
  port: GuardPort,
  call: GuardedCall,
  { records }: ReadResult,
  granted: readonly Granted[],
  { fields }: Decision,
): Promise<void> {
  const at = port.ledger.now();
  const { run, step, action } = call;
  const sources = records.map((record): AuditEntry => ({
    kind: 'source-record',
    at,
    step,
    record: action.record,
    id: record.id,
    origin: record.origin,
    labels: [...record.labels],
    digest: digestOf(record.fields),
  }));
  const context: AuditEntry = {
    kind: 'retrieved-context',
    at,
    step,
    action: action.name,
    records: records.length,
    granted: [...fields.granted],
    withheld: [...fields.withheld],
    digest: digestOf(granted),
  };
  const past = records.map(({ id, labels }) => ({ record: action.record, id, labels }));
  const notes = new AuditNotes(run.job.jobId, at).add(...sources, context);
  await port.ledger.run((db) => notes.write(db, remembering(run.job.jobId, `read ${action.record}`, past)));
}
