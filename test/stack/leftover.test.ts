import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { endLeftover, noteServer } from '../../src/stack/leftover.ts';
import { birthOf } from '../../src/stack/process.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'remit-leftover-'));
  file = join(folder, 'server.pid');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function idle(): Promise<{ pid: number; ended: Promise<unknown> }> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  return { pid: child.pid ?? 0, ended: once(child, 'exit') };
}

it('ends a server that was noted and still runs', async () => {
  const { pid, ended } = await idle();
  noteServer(file, pid);
  await endLeftover(file);
  await ended;
  expect(birthOf(pid)).toBeUndefined();
});

it('leaves alone another process that has the same id by now', async () => {
  const { pid, ended } = await idle();
  await writeFile(file, JSON.stringify({ pid, birth: 'another' }));
  await endLeftover(file);
  expect(birthOf(pid)).toBeDefined();
  process.kill(pid);
  await ended;
});

it.each([[''], ['{}'], ['{"pid": -1, "birth": "x"}']])('does nothing about the note %j', async (text) => {
  await writeFile(file, text);
  await expect(endLeftover(file)).resolves.toBeUndefined();
});
