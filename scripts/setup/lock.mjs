import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readText } from './run.mjs';
import { say } from './say.mjs';

/** Long enough to write a pid into a folder just made; a lock still without one after it was abandoned. */
const PID_GRACE_MS = 5_000;

/** Lets one set-up at a time work on a checkout; a lock whose process is gone is taken over. */
export async function withSetupLock(dir, work) {
  mkdirSync(dir, { recursive: true });
  const lock = join(dir, 'setup.lock');
  await take(lock);
  const release = () => rmSync(lock, { recursive: true, force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

async function take(lock) {
  let told = false;
  while (!tryMake(lock)) {
    if (isAbandoned(lock)) rmSync(lock, { recursive: true, force: true });
    else {
      if (!told) say('waiting for another set-up on this folder to finish ...');
      told = true;
      await sleep(200);
    }
  }
  writeFileSync(join(lock, 'pid'), String(process.pid));
}

function tryMake(lock) {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function isAbandoned(lock) {
  try {
    return !isAlive(Number(readFileSync(join(lock, 'pid'), 'utf8')));
  } catch {
    return Date.now() - madeAt(lock) > PID_GRACE_MS;
  }
}

function madeAt(lock) {
  try {
    return statSync(lock).mtimeMs;
  } catch {
    return Date.now();
  }
}

function isAlive(pid) {
  // Ended, but nobody has collected it, as happens in containers without an init.
  if (/^\d+ \(.*\) Z /.test(readText(`/proc/${pid}/stat`) ?? '')) return false;
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
