import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { z } from 'zod';
import { defineAction } from '../../src/activities/action.ts';
import type { Action } from '../../src/activities/action.ts';
import type { Bindings } from '../../src/activities/admission.ts';
import type { Brain, BrainStep, Situation } from '../../src/activities/brain.ts';
import { defineFact } from '../../src/activities/fact.ts';
import type { GuardPort } from '../../src/activities/guard-port.ts';
import type { RemitApp } from '../../src/app.ts';
import { openRequests } from '../../src/ledger/approval.ts';
import type { ApprovalRow } from '../../src/ledger/approval.ts';
import { readChain } from '../../src/ledger/audit-log.ts';
import { findJob } from '../../src/ledger/job.ts';
import { Remit } from '../../src/server/remit.ts';
import { freshDatabase } from './database.ts';
import { until } from './until.ts';

/** What reached the outside world: the thing every test is about. */
export interface Sink {
  readonly sent: { to: string; text: string; key: string }[];
  /** Called before an arrival; throws to play trouble. */
  before: (to: string, key: string) => Promise<void> | void;
}

const Message = z.strictObject({ to: z.email(), text: z.string().max(10_000) });

/** A small desk: it reads notes, drafts and sends messages, and writes a register that can be probed. */
export function deskActions(sink: Sink): readonly Action[] {
  const domain = { type: 'domain', of: ({ to }: { to: string }) => to.slice(to.indexOf('@') + 1) } as const;
  const recipient = { type: 'address', of: ({ to }: { to: string }) => to } as const;
  const arrive = async ({ to, text }: z.infer<typeof Message>, key: string): Promise<{ id: string }> => {
    await sink.before(to, key);
    sink.sent.push({ to, text, key });
    return { id: key };
  };
  return [
    defineAction({
      name: 'desk.readNote',
      verb: 'read',
      record: 'desk.note',
      says: 'Read one note',
      input: z.strictObject({ id: z.string() }),
      attributes: { id: { type: 'text', of: ({ id }) => id } },
      fields: ['text', 'secret'],
      sentence: ({ id }) => `Read note ${id}`,
      run: async ({ id }) => ({
        records: [{ id, fields: { text: `note ${id}`, secret: 'hunter2' }, labels: ['untrusted'], origin: 'desk' }],
      }),
    }),
    defineAction({
      name: 'desk.send',
      verb: 'send',
      record: 'desk.message',
      says: 'Send a message',
      input: Message,
      attributes: { recipient, domain, words: { type: 'number', of: ({ text }) => text.split(' ').length } },
      sentence: ({ to }) => `Send this message to ${to}`,
      draftable: true,
      inDoubt: 'person',
      run: (message, { key }) => arrive(message, key),
    }),
    defineAction({
      name: 'desk.post',
      verb: 'write',
      record: 'desk.register',
      says: 'Write a line in the register, once a key',
      input: Message,
      attributes: { recipient, domain },
      sentence: ({ to }) => `Write a line about ${to}`,
      risk: 'low',
      inDoubt: 'probe',
      probe: async (_message, { key }) => {
        const found = sink.sent.find((each) => each.key === key);
        return found === undefined ? { done: false } : { done: true, result: { id: key } };
      },
      run: (message, { key }) => arrive(message, key),
    }),
    defineAction({
      name: 'desk.wipe',
      verb: 'delete',
      record: 'desk.note',
      says: 'Delete a note',
      input: z.strictObject({ id: z.string() }),
      attributes: { id: { type: 'text', of: ({ id }) => id } },
      sentence: ({ id }) => `Delete note ${id}`,
      inDoubt: 'person',
      run: async ({ id }, { key }) => {
        sink.sent.push({ to: `wiped ${id}`, text: '', key });
        return { id };
      },
    }),
  ];
}

export const CHARTER = `
charter: desk-work
agent: desk-clerk
owner: Head of Desk
purpose: Keep the desk tidy
level: selected-sends
case:
  friend: address
permits:
  - { id: read-notes, verb: read, record: desk.note, fields: [text] }
  - { id: write-lines, verb: write, record: desk.register, when: { attributes.recipient: { sameAs: case.friend } } }
  - { id: send-messages, verb: send, record: desk.message, when: { attributes.recipient: { sameAs: case.friend } } }
gates:
  - { id: long-messages, verb: send, record: desk.message, when: { attributes.words: { atLeast: 3 } }, reason: the message is long }
  - { id: unlucky-friend, verb: send, record: desk.message, when: { facts.unlucky: { is: true } }, reason: the friend is unlucky }
forbids:
  - { id: no-casino, verb: any, record: 'desk.*', when: { attributes.domain: { in: [casino.example] } }, reason: the casino is off limits }
limits:
  - { id: messages-per-case, verb: send, record: desk.message, per: case, atMost: 5 }
approvals: { expireAfterHours: 1, atExpiry: keep-as-draft }
`;

export const HOUSE = `
house: desk-house
profile: development
assurance: { verdict: unverified, restore: unverified, start: unverified }
classes:
  - class: deletion
    says: something is deleted
    gate: hard
    assurance: unverified
    applies: [{ verb: delete, record: '*' }]
`;

export interface Desk {
  readonly remit: Remit;
  readonly sink: Sink;
  /** A test changes what is believed of friends here; undefined is unknown. */
  readonly world: { unlucky: boolean | undefined };
  readonly databaseUrl: string;
  readonly taskQueue: string;
  readonly dataDir: string;
  /** Starts a job whose brain makes these calls, a turn each, and then ends. */
  readonly job: (
    turns: readonly (readonly unknown[])[],
    workflowId?: string,
  ) => ReturnType<Remit['client']['workflow']['start']>;
  /** Gives the brain of a job its lines, for tests that start the job themselves. */
  readonly script: (workflowId: string, turns: readonly (readonly unknown[])[]) => void;
  /** The first open request of a job, once there is one; of several kinds, the one that is meant. */
  readonly requestOf: (workflowId: string, isMeant?: (request: ApprovalRow) => boolean) => Promise<ApprovalRow>;
  /** What the audit says of the inputs of a job, line by line. */
  readonly story: (workflowId: string) => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

export interface DeskOptions {
  readonly charter?: string;
  readonly house?: string;
  readonly leaseMarginMs?: number;
  readonly reached?: GuardPort['reached'];
  readonly start?: boolean;
  readonly databaseUrl?: string;
  readonly taskQueue?: string;
  readonly sink?: Sink;
  /** Charters of Workflow types other than `agentJob`. */
  readonly bindings?: Bindings;
  /** The servers to work on; those of the test run unless said. */
  readonly temporalAddress?: string;
  readonly workflowBundle?: string;
}

/** One Remit on the run's shared servers, with a database and a task queue of its own. */
export async function openDesk(options: DeskOptions = {}): Promise<Desk> {
  const dataDir = await mkdtemp(join(tmpdir(), 'remit-desk-'));
  await writeFile(join(dataDir, 'desk.charter.yaml'), options.charter ?? CHARTER);
  await writeFile(join(dataDir, 'house-rules.yaml'), options.house ?? HOUSE);
  const sink: Sink = options.sink ?? { sent: [], before: () => undefined };
  const world: Desk['world'] = { unlucky: false };
  const scripts = new Map<string, readonly (readonly unknown[])[]>();
  const database =
    options.databaseUrl === undefined
      ? await freshDatabase()
      : { url: options.databaseUrl, drop: async () => undefined };
  const taskQueue = options.taskQueue ?? `desk-${randomBytes(5).toString('hex')}`;
  const remit = await Remit.open({
    app: appOf(dataDir, sink, world, scripts),
    temporalAddress: options.temporalAddress ?? inject('temporalAddress'),
    databaseUrl: database.url,
    smtpUrl: 'smtp://127.0.0.1:1',
    dataDir,
    taskQueue,
    log: { info: () => undefined, warn: () => undefined },
    workflowBundle: { codePath: options.workflowBundle ?? inject('workflowBundle') },
    leaseMarginMs: options.leaseMarginMs ?? 200,
    ...(options.reached === undefined ? {} : { reached: options.reached }),
    ...(options.bindings === undefined ? {} : { bindings: options.bindings }),
  });
  if (options.start !== false) remit.start();
  return {
    remit,
    sink,
    world,
    databaseUrl: database.url,
    taskQueue,
    dataDir,
    job: (turns, workflowId = `desk-job-${randomBytes(6).toString('hex')}`) => {
      scripts.set(workflowId, turns);
      return remit.client.workflow.start('agentJob', {
        taskQueue,
        workflowId,
        args: [{ charter: 'desk-work', case: { friend: `${workflowId}@friend.example` }, brain: 'script' }],
      });
    },
    script: (workflowId, turns) => void scripts.set(workflowId, turns),
    requestOf: (workflowId, isMeant = () => true) =>
      until(async () => {
        const open = await remit.ledger.run((db) => openRequests(db));
        return open.find((request) => request.workflow_id === workflowId && isMeant(request));
      }),
    story: async (workflowId) => {
      const job = await remit.ledger.run((db) => findJob(db, workflowId));
      const { rows } = await readChain(remit.ledger, job?.jobId ?? '');
      return rows
        .filter(({ kind }) => kind === 'input')
        .map(({ entry }) => (JSON.parse(entry) as { says: string }).says);
    },
    close: async () => {
      await remit.close();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function appOf(
  dataDir: string,
  sink: Sink,
  world: Desk['world'],
  scripts: Map<string, readonly (readonly unknown[])[]>,
): RemitApp {
  const unlucky = defineFact({ name: 'unlucky', type: 'flag', origin: 'records', resolve: async () => world.unlucky });
  return {
    name: 'desk',
    chartersDir: dataDir,
    houseRulesFile: join(dataDir, 'house-rules.yaml'),
    open: async () => ({
      actions: deskActions(sink),
      facts: [unlucky],
      brains: [scriptBrain(scripts)],
      intake: async () => [],
      close: async () => undefined,
    }),
  };
}

/** Makes the calls its job was given, a turn each. */
function scriptBrain(scripts: Map<string, readonly (readonly unknown[])[]>): Brain {
  const next = async ({ case: { friend }, transcript }: Situation): Promise<BrainStep> => {
    const turns = scripts.get(String(friend).slice(0, String(friend).indexOf('@'))) ?? [];
    const calls = turns[transcript.length];
    return calls === undefined
      ? { done: true, say: 'script over' }
      : { done: false, calls: calls as BrainStep extends infer S ? (S extends { calls: infer C } ? C : never) : never };
  };
  return { name: 'script', next };
}
