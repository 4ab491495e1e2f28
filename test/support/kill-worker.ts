// A Worker in a process of its own that kills itself, as by `kill -9`, at a labelled point. Started by `proof/kills.ts`.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { z } from 'zod';
import { defineAction } from '../../src/activities/action.ts';
import type { Action, ActionContext } from '../../src/activities/action.ts';
import { KILL_POINTS } from '../../src/activities/guard-port.ts';
import type { KillPoint } from '../../src/activities/guard-port.ts';
import { CredentialBroker } from '../../src/identity/credential.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { openGuardPort, RemitPlugin } from '../../src/plugin.ts';
import { HOUSE } from './desk.ts';

const SettingsSchema = z.object({
  databaseUrl: z.string(),
  temporalAddress: z.string(),
  taskQueue: z.string(),
  workflowBundle: z.string(),
  worldUrl: z.string(),
  dataDir: z.string(),
  kill: z.object({ point: z.enum(KILL_POINTS), nth: z.int().positive() }).optional(),
});
export type KillSettings = z.infer<typeof SettingsSchema>;

const LEASE_MS = 1_500;

const CHARTER = `
charter: kill-work
agent: kill-clerk
owner: Head of Desk
purpose: Send while being killed
level: selected-sends
case: { name: text }
permits:
  - { id: write-lines, verb: write, record: world.register }
  - { id: send-messages, verb: send, record: world.message }
approvals: { expireAfterHours: 1, atExpiry: refuse }
`;

const Message = z.strictObject({ text: z.string() });

/** One action the world cannot be asked about, and one it can. */
function worldActions(worldUrl: string): readonly Action[] {
  const run = async ({ text }: z.infer<typeof Message>, { key, lease }: ActionContext) => {
    const answer = await fetch(worldUrl, { method: 'POST', body: JSON.stringify({ key, text }), signal: lease.signal });
    if (!answer.ok) throw new Error(`the world answered ${answer.status}`);
    return { key };
  };
  const common = {
    input: Message,
    attributes: {},
    sentence: ({ text }: z.infer<typeof Message>) => `Tell the world ${text}`,
    leaseMs: LEASE_MS,
    run,
  };
  return [
    defineAction({
      ...common,
      name: 'world.send',
      verb: 'send',
      record: 'world.message',
      says: 'Send a message',
      inDoubt: 'person',
    }),
    defineAction({
      ...common,
      name: 'world.post',
      verb: 'write',
      record: 'world.register',
      says: 'Write a line',
      risk: 'low',
      inDoubt: 'probe',
      probe: async (_message, { key }) =>
        (await (await fetch(`${worldUrl}/${key}`)).json()) === true ? { done: true, result: { key } } : { done: false },
    }),
  ];
}

function killAt(kill: KillSettings['kill']): (point: KillPoint) => void {
  let passed = 0;
  return (point) => {
    if (point === kill?.point && ++passed === kill.nth) process.kill(process.pid, 'SIGKILL');
  };
}

async function work(settings: KillSettings): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const { databaseUrl, temporalAddress, taskQueue, workflowBundle, worldUrl, dataDir, kill } = settings;
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(dataDir, 'kill.charter.yaml'), CHARTER);
  await writeFile(join(dataDir, 'house-rules.yaml'), HOUSE);
  const port = await openGuardPort({
    ledger: await Ledger.open(databaseUrl),
    client: new Client({ connection: await Connection.connect({ address: temporalAddress }) }),
    credentials: await CredentialBroker.open(join(dataDir, 'credential-key.json')),
    actions: worldActions(worldUrl),
    facts: [],
    chartersDir: dataDir,
    houseRulesFile: join(dataDir, 'house-rules.yaml'),
    bindings: { hurriedWorkflow: ['kill-work'] },
    log: { info: () => undefined, warn: () => undefined },
    leaseMarginMs: 200,
    reached: killAt(kill),
  });
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address: temporalAddress }),
    taskQueue,
    workflowBundle: { codePath: workflowBundle },
    plugins: [new RemitPlugin(port, [])],
    maxCachedWorkflows: 0, // a sticky queue would wait ten seconds for the Worker that was killed
    maxConcurrentActivityTaskExecutions: 3,
  });
  await worker.run();
}

process.once('disconnect', () => process.exit(1)); // it never outlives whoever started it
process.once('message', (message) => void work(SettingsSchema.parse(message)));
