import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRunning } from '../../src/stack/run-file.ts';
import { newHome, remit, up } from '../support/up.ts';
import type { Running } from '../support/up.ts';
import { until } from '../support/until.ts';

/** A mailbox as one might come: some to work, some that nobody can. */
const MAIL: Readonly<Record<string, string | Buffer>> = {
  'a-question.eml': letter('Priya Nair <priya.nair@post.example>', 'Where is A-20416?', 'Where is my order A-20416?'),
  'b-same-again.eml': letter('Priya Nair <priya.nair@post.example>', 'Where is A-20416?', 'Where is my order A-20416?'),
  'c-empty.eml': '',
  'd-binary.eml': Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0]),
  'e-no-sender.eml': 'Subject: hello\n\nno From at all\n',
  'f-two-senders.eml': letter('a@acme.example, b@acme.example', 'Two', 'Which of us?'),
  'g-odd \u00fc name;.eml': letter('Tom Okafor <tom@okafor.example>', 'A-20417', 'Where is my order A-20417?'),
};

function letter(from: string, subject: string, body: string): string {
  return `From: ${from}\nTo: support@acme.example\nSubject: ${subject}\nMessage-ID: <one@mail.example>\n\n${body}\n`;
}

describe('remit up', () => {
  let place: Awaited<ReturnType<typeof newHome>>;
  let mailbox: string;
  let running: Running;
  let addresses: Readonly<Record<string, string>>;
  let waiting: string;

  beforeAll(async () => {
    place = await newHome();
    mailbox = join(place.home, 'mailbox');
    await mkdir(mailbox);
    for (const [name, content] of Object.entries(MAIL)) await writeFile(join(mailbox, name), content);
    running = up(place.home, '--mailbox', mailbox);
    await running.untilPrinted(/Ctrl-C stops/);
    addresses = readRunning(place.home)?.addresses ?? {};
  }, 120_000);

  afterAll(async () => {
    running.signal('SIGINT');
    await running.exitCode;
    await place.remove();
  }, 60_000);

  it('starts a job for each message it can, and says of each other one why not', () => {
    const lines = running.printed().split('\n');
    const unworked = Object.keys(MAIL).filter((name) =>
      lines.some((line) => line.startsWith(`  no job for ${name}: `)),
    );
    expect(unworked).toEqual([
      'b-same-again.eml',
      'c-empty.eml',
      'd-binary.eml',
      'e-no-sender.eml',
      'f-two-senders.eml',
    ]);
    expect(running.printed()).toMatch(/\b2 jobs started\b/);
  });

  it('says what waits, with the exact command and the exact Signal', () => {
    const printed = running.printed();
    [, waiting = ''] = /approve (apr-\w+)/.exec(printed) ?? [];
    expect(printed).toMatch(/2 actions wait/);
    expect(printed).toMatch(
      new RegExp(
        `workflow signal --address ${addresses['temporal']} .*--name approve --input '\\{"requestId":"${waiting}"\\}'`,
      ),
    );
  });

  it('prints addresses that can be followed as they are', async () => {
    const ui = /Temporal UI\s+(\S+)/.exec(running.printed())?.[1] ?? '';
    expect((await fetch(ui)).status).toBe(200);
    expect(running.printed()).not.toContain(new URL(addresses['database'] ?? '').password);
  });

  it('keeps its run file for its owner alone', async () => {
    expect((await stat(join(place.home, 'run.json'))).mode & 0o777).toBe(0o600);
  });

  it('says where it is when another is started', async () => {
    const second = up(place.home);
    expect(await second.exitCode).toBe(0);
    expect(second.printed()).toContain(addresses['server']);
  });

  it('stops everything it started on Ctrl-C, and ends well', async () => {
    running.signal('SIGINT');
    expect(await running.exitCode).toBe(0);
    const open = await Promise.all(
      Object.entries(addresses).map(async ([name, address]) => ((await accepts(address)) ? [name] : [])),
    );
    expect(open.flat()).toEqual([]);
    expect(readRunning(place.home)).toBeUndefined();
  }, 60_000);

  it('has nothing to ask once it is stopped', async () => {
    expect(await remit(place.home, 'jobs').exitCode).toBe(5);
  });

  it('picks up where it stopped: no job twice, and what waited still waits', async () => {
    running = up(place.home, '--mailbox', mailbox);
    await running.untilPrinted(/Ctrl-C stops/);
    expect(running.printed()).toMatch(/\b0 jobs started, 2 known/);
    expect(running.printed()).toContain(`approve ${waiting}`);
  }, 120_000);

  it('lets what waited happen once approved', async () => {
    const approved = remit(place.home, 'approve', waiting);
    expect({ code: await approved.exitCode, printed: approved.printed() }).toMatchObject({ code: 0 });
    const sent = await until(async () => {
      const files = (await readdir(join(place.home, 'apps', 'acme-support', 'sent'))).filter(
        (name) => !name.startsWith('.'),
      );
      return files.length > 0 ? files : undefined;
    });
    expect(sent).toHaveLength(1);
  }, 60_000);

  it('starts again at once after it was killed', async () => {
    running.signal('SIGKILL');
    await running.exitCode;
    running = up(place.home, '--no-jobs');
    await running.untilPrinted(/Ctrl-C stops/);
    expect(running.printed()).toContain('1 action waits');
  }, 120_000);
});

async function accepts(address: string): Promise<boolean> {
  const { hostname, port } = new URL(address.includes('://') ? address : `tcp://${address}`);
  if (port === '') return false;
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}
