import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { birthOf } from '../../src/stack/process.ts';
import { clearRunning, readRunning, takeStartLock, writeRunning } from '../../src/stack/run-file.ts';

const GONE = 2 ** 22 + 1; // above any pid Linux gives out
let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'remit-run-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const running = { addresses: { server: 'http://127.0.0.1:7800' }, token: 'secret' };

describe('the run file', () => {
  it('says where the running Remit is, to its owner alone', () => {
    writeRunning(dir, running);
    expect(readRunning(dir)).toEqual({ ...running, pid: process.pid, birth: birthOf(process.pid) });
    expect(statSync(join(dir, 'run.json')).mode & 0o777).toBe(0o600);
  });

  it('goes with the process that wrote it', () => {
    writeRunning(dir, running);
    clearRunning(dir);
    expect(existsSync(join(dir, 'run.json'))).toBe(false);
  });

  it.each([
    ['whose process is gone', { ...running, pid: GONE, birth: '1' }],
    ['whose process id went to another process', { ...running, pid: process.pid, birth: 'long ago' }],
    ['that lacks what it must say', { pid: process.pid }],
  ])('is not believed when it is one %s', (_, content) => {
    writeFileSync(join(dir, 'run.json'), JSON.stringify(content));
    expect(readRunning(dir)).toBeUndefined();
  });
});

describe('the start lock', () => {
  it('lets one start in at a time', () => {
    const lock = takeStartLock(dir);
    expect(takeStartLock(dir)).toEqual({ heldBy: process.pid });
    if ('release' in lock) lock.release();
    expect(takeStartLock(dir)).toHaveProperty('release');
  });

  it.each([
    ['by a process that is gone', JSON.stringify({ pid: GONE, birth: '1' })],
    ['in words nobody can read', 'not json'],
  ])('is taken over when it is held %s', (_, content) => {
    writeFileSync(join(dir, 'start.lock'), content);
    expect(takeStartLock(dir)).toHaveProperty('release');
    expect(JSON.parse(readFileSync(join(dir, 'start.lock'), 'utf8'))).toMatchObject({ pid: process.pid });
  });
});
