import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { say } from './say.mjs';

const STILL_AT_IT_MS = 10_000;

/**
 * Runs a program to its end, passing signals on. Its code is the program's own, or 128 + n when signal n ended it.
 * Unless it talks with a person it gets a process group of its own: a Ctrl-C then reaches it once, through us, where
 * the terminal, npm and we would otherwise each deliver one.
 */
export function runToEnd(program, argv, { env, cwd, interactive = false }) {
  const stdio = interactive ? 'inherit' : ['ignore', 'inherit', 'inherit'];
  const detached = !interactive && process.platform !== 'win32';
  const child = spawn(program, argv, { env, cwd, stdio, detached });
  const stopPassing = passSignalsTo(child, interactive);
  return ended(child).finally(stopPassing);
}

/**
 * Runs a step of the set-up, its output kept in a log, with a line every ten seconds while it works.
 * @returns the exit code and what it printed
 */
export async function runStep(what, program, argv, { env, cwd, logFile }) {
  say(`${what} ...`);
  const startedAt = Date.now();
  const seconds = () => `${Math.round((Date.now() - startedAt) / 1_000)} s`;
  const beat = setInterval(() => say(`${what} ... ${seconds()}`), STILL_AT_IT_MS);
  const child = spawn(program, argv, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  let stoppedBy;
  const stopPassing = passSignalsTo(child, false, (signal) => (stoppedBy = signal));
  try {
    const code = await ended(child);
    if (stoppedBy !== undefined) process.exit(128 + constants.signals[stoppedBy]); // asked for, so nothing went wrong
    return { code, output };
  } catch (error) {
    return { code: 127, output: String(error) };
  } finally {
    clearInterval(beat);
    stopPassing();
    mkdirSync(dirname(logFile), { recursive: true });
    appendFileSync(logFile, `${new Date().toISOString()} ${what} (${seconds()})\n${output}\n`);
  }
}

/** The last lines of a program's output, for an error message. */
export function tailOf(output, lines = 8) {
  return output.trimEnd().split('\n').slice(-lines).join('\n');
}

export function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function ended(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

/** A repeat within a second is the same wish delivered twice. A person's own program hears the terminal itself. */
function passSignalsTo(child, interactive, onPassed = () => {}) {
  const offs = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
    let passedAt = -Infinity;
    const pass = () => {
      if ((interactive && signal === 'SIGINT') || Date.now() - passedAt < 1_000) return;
      passedAt = Date.now();
      onPassed(signal);
      child.kill(signal);
    };
    process.on(signal, pass);
    return () => process.off(signal, pass);
  });
  return () => offs.forEach((off) => off());
}
