// What every `npm` command starts at: does the set-up that is missing, then runs the command on Node 24.
// Plain JavaScript without dependencies, for any Node >= 18: nothing is installed when it first runs.
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withSetupLock } from './setup/lock.mjs';
import { installNode } from './setup/node.mjs';
import { installPackages } from './setup/packages.mjs';
import { runToEnd } from './setup/run.mjs';
import { SetupError, say } from './setup/say.mjs';
import { findTemporal } from './setup/temporal.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const CHECKS = [
  tool('typescript/bin/tsc', '--noEmit'),
  tool('oxlint/bin/oxlint', '--type-aware', '--deny-warnings'),
  tool('prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'),
  tool('knip/bin/knip.js'),
];

/** What each command runs, one program after another; only some need a Temporal CLI. */
const COMMANDS = {
  start: { needsTemporal: true, programs: (args) => [source('src/cli/main.ts', 'up', ...args)] },
  test: { needsTemporal: true, programs: (args) => [...CHECKS, tool('vitest/vitest.mjs', 'run', ...args)] },
  remit: { needsTemporal: false, programs: (args) => [{ ...source('src/cli/main.ts', ...args), interactive: true }] },
  check: { needsTemporal: false, programs: () => CHECKS },
  run: { needsTemporal: true, programs: ([file = '', ...args]) => [source(file, ...args)] },
};

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error) => {
    say(error instanceof SetupError ? error.message : error.stack);
    process.exitCode = 1;
  },
);

async function main([name = '', ...args]) {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) throw new SetupError(`say one of: ${Object.keys(COMMANDS).join(', ')}`);
  const { nodePath, temporal } = await setUp(command.needsTemporal);
  const env = { ...process.env, PATH: `${dirname(nodePath)}${delimiter}${process.env.PATH}` };
  if (temporal !== undefined) env.REMIT_TEMPORAL_CLI = temporal;
  return runAll(nodePath, command.programs(args), env);
}

/** Goes on after a failure, so that one run tells everything; a signal ends it at once. The first failure is the result. */
async function runAll(nodePath, programs, env) {
  let result = 0;
  for (const { label, argv, interactive = false } of programs) {
    if (label !== undefined) say(`${label} ...`);
    const code = await runToEnd(nodePath, argv, { env, interactive, ...(interactive ? {} : { cwd: root }) });
    if (code !== 0 && label !== undefined) say(`${label} failed`);
    if (code > 128) return code;
    result ||= code;
  }
  return result;
}

function setUp(needsTemporal) {
  return withSetupLock(join(root, '.remit'), async () => {
    const nodePath = await installNode(root);
    await installPackages(root, nodePath);
    return { nodePath, temporal: needsTemporal ? await findTemporal(root, nodePath) : undefined };
  });
}

function source(file, ...args) {
  return { argv: [resolve(root, file), ...args] };
}

function tool(path, ...args) {
  return { label: path.split('/')[0], argv: [join(root, 'node_modules', path), ...args] };
}
