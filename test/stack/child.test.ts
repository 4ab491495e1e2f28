import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startChild } from '../../src/stack/child.ts';
import { birthOf } from '../../src/stack/process.ts';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'remit-child-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it('stops a child that listens, and knows how it ended', async () => {
  const child = await start('sleep 60');
  await child.stop();
  expect(child.ended()).toBe('it ended by SIGTERM');
  expect(birthOf(child.pid)).toBeUndefined();
});

it('tells why a child that ended early did not start', async () => {
  const child = await start('echo the disk is full >&2; exit 3');
  const waiting = child.untilAnswers(async () => false);
  await expect(waiting).rejects.toMatchObject({
    code: 'START_FAILED',
    message: expect.stringMatching(/it ended with code 3(.|\n)*the disk is full/),
  });
});

it('says so when there is no such program', async () => {
  const options = { part: 'a child', args: [], logFile: join(dir, 'log'), stopSignal: 'SIGTERM' } as const;
  await expect(startChild({ ...options, command: join(dir, 'missing') })).rejects.toThrow(/did not start/);
});

it.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
  'leaves no child behind when its parent ends by %s',
  async (signal) => {
    const module = join(import.meta.dirname, '../../src/stack/child.ts');
    const source = `
    const { startChild } = await import(${JSON.stringify(module)});
    const options = { part: 'a child', command: '/bin/sleep', args: ['60'], logFile: ${JSON.stringify(join(dir, 'log'))} };
    console.log((await startChild({ ...options, stopSignal: 'SIGTERM' })).pid);
    setInterval(() => {}, 1_000);
  `;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [chunk] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(chunk.toString());
    expect(birthOf(pid)).toBeDefined();
    parent.kill(signal);
    await vi.waitFor(() => expect(isGone(pid)).toBe(true), { timeout: 5_000 });
  },
);

function start(script: string) {
  return startChild({
    part: 'a child',
    command: '/bin/sh',
    args: ['-c', script.startsWith('sleep') ? `exec ${script}` : script],
    logFile: join(dir, 'log'),
    stopSignal: 'SIGTERM',
  });
}

/** Gone, or dead and waiting for whoever adopted it to notice. */
function isGone(pid: number): boolean {
  return birthOf(pid) === undefined;
}
