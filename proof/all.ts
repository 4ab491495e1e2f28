import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const PROOFS = ['controls', 'kills', 'races'] as const;

/** Runs every proof by itself, one after another; goes on after one that fails. */
let failed = 0;
for (const proof of PROOFS) {
  console.log(`proof: ${proof}`);
  const running = spawn(process.execPath, [join(import.meta.dirname, `${proof}.ts`)], { stdio: 'inherit' });
  const [code] = (await once(running, 'exit')) as [number | null];
  if (code !== 0) failed++;
}
console.log(`${PROOFS.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
