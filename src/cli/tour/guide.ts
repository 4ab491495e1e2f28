import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { simpleParser } from 'mailparser';
import { openRequests } from '../../ledger/approval.ts';
import type { ApprovalRow } from '../../ledger/approval.ts';
import type { Stack } from '../../server/stack.ts';
import { PROJECT } from '../home.ts';
import { plain } from '../io.ts';
import type { Io } from '../io.ts';
import type { TakenIn } from '../up/intake.ts';

const PATIENCE_MS = 30_000;

export interface GuideParts {
  readonly io: Io;
  readonly home: string;
  readonly stack: Stack;
  readonly taken: TakenIn;
}

/** The tour's hands and eyes: plain Signals, the command line as a child process, the mail sink and the ledger. */
export class Guide {
  readonly #parts: GuideParts;

  constructor(parts: GuideParts) {
    this.#parts = parts;
  }

  get stack(): Stack {
    return this.#parts.stack;
  }

  say(line: string): void {
    this.#parts.io.out(`   ${plain(line)}`);
  }

  /** The job of one of the sample's messages. */
  jobOf(file: string): string {
    const job = this.#parts.taken.started.find(({ source }) => source.includes(file));
    if (job === undefined) throw new Error(`no job was started for ${file}`);
    return job.workflowId;
  }

  /** The one request a job waits on. */
  async requestOf(workflowId: string): Promise<ApprovalRow> {
    return this.eventually(`${workflowId} waits for a person`, async () => {
      const open = await this.stack.remit.ledger.run((db) => openRequests(db));
      return open.find((each) => each.workflow_id === workflowId);
    });
  }

  /** A plain Temporal Signal, with nothing of ours: a client, a Workflow id, a name and JSON. */
  async signal(workflowId: string, name: string, argument?: object): Promise<void> {
    const address = this.stack.addresses['temporal'] ?? '';
    this.say(
      `Signal \`${name}\` to ${workflowId}${argument === undefined ? ', empty' : ` with ${JSON.stringify(argument)}`}`,
    );
    const connection = await Connection.connect({ address });
    try {
      const client = new Client({ connection, identity: 'tour-visitor', namespace: this.stack.namespace });
      await client.workflow.getHandle(workflowId).signal(name, ...(argument === undefined ? [] : [argument]));
    } finally {
      await connection.close();
    }
  }

  /** The command line in a process of its own. @throws Error when it ends otherwise than expected */
  async remit(...args: readonly string[]): Promise<string> {
    this.say(`$ remit ${args.map((arg) => (/^[\w./:=-]+$/.test(arg) ? arg : `'${arg}'`)).join(' ')}`);
    const env = { ...process.env, REMIT_HOME: this.#parts.home };
    const { stdout } = await promisify(execFile)(process.execPath, [join(PROJECT, 'src/cli/main.ts'), ...args], {
      env,
    });
    for (const line of stdout.trimEnd().split('\n').slice(0, 2)) this.say(`  ${line}`);
    return stdout;
  }

  /** How many mails have gone out to an address, as the mail server has them. */
  async mailsTo(address: string): Promise<number> {
    const dir = this.stack.addresses['sentMail'] ?? '';
    const files = (await readdir(dir)).filter((name) => name.endsWith('.eml') && !name.startsWith('.'));
    const sent = await Promise.all(files.map(async (name) => simpleParser(await readFile(join(dir, name)))));
    return sent.filter(({ to }) =>
      [to ?? []].flat().some(({ value }) => value.some((each) => each.address === address)),
    ).length;
  }

  /** Looks until there is something to see. */
  async eventually<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
    for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; await sleep(150)) {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
    }
    throw new Error(`it did not come to pass that ${what}`);
  }
}

/** @throws Error saying what should have been */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`it should be that ${what}`);
}
