import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { runStep } from './run.mjs';

/** Runs the npm at hand, the one we were started by if there was one, on the Node it came with. */
export function npm(what, args, { cwd, logFile }) {
  const script = npmScript();
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const [program, ...first] = script === undefined ? ['npm'] : [process.execPath, script];
  return runStep(what, program, [...first, ...args, ...quiet], { cwd, logFile, env: withoutOuterNpm(process.env) });
}

function npmScript() {
  const beside = join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
  return [process.env.npm_execpath, beside].find((path) => path?.endsWith('npm-cli.js') && existsSync(path));
}

/** An `npm start` around us leaves its own run in the environment, where an inner npm would take it for settings. */
function withoutOuterNpm(env) {
  const outer = /^npm_(lifecycle|package|config_(global|local)_prefix)/;
  const kept = Object.entries(env).filter(([name]) => !outer.test(name));
  return { ...Object.fromEntries(kept), PATH: [dirname(process.execPath), env.PATH].join(delimiter) };
}
