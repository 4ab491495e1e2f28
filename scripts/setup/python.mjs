import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { runStep } from './run.mjs';

/** A Python 3 that has pip: the machine's, or where that lacks it a virtual environment of our own; else `undefined`. */
export async function python(venv, logFile) {
  const [own] = ['python3', 'python'].filter(isPython3);
  if (own === undefined) return undefined;
  if (hasPip(own)) return own;
  await runStep('preparing pip', own, ['-m', 'venv', venv], { env: process.env, logFile });
  const inVenv = join(venv, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python3');
  return hasPip(inVenv) ? inVenv : undefined;
}

function isPython3(name) {
  return spawnSync(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))'], { stdio: 'ignore' }).status === 0;
}

function hasPip(name) {
  return spawnSync(name, ['-m', 'pip', '--version'], { stdio: 'ignore' }).status === 0;
}
