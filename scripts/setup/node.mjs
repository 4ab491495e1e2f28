import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './npm.mjs';
import { tailOf } from './run.mjs';
import { SetupError } from './say.mjs';

const WANTED = { major: 24, version: '24.21.0' };

/** The path of a Node that runs TypeScript as it is: the one at hand when it is new enough, else one from npm. */
export async function installNode(root) {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major >= WANTED.major) return process.execPath;
  if (major < 18)
    throw new SetupError(`this is Node ${process.versions.node}: install Node 18 or newer and run it again`);
  const folder = join(root, '.remit/tools/node');
  const binary = join(
    folder,
    'node_modules',
    packageName(),
    process.platform === 'win32' ? 'bin/node.exe' : 'bin/node',
  );
  if (!works(binary)) await download(root, folder);
  if (!works(binary)) throw new SetupError(`npm's Node ${WANTED.version} does not run here: install Node 24 by hand`);
  return binary;
}

/** What npm's `node` package would fetch from an install script; asked for directly, no script needs to run. */
function packageName() {
  const isAppleSilicon = process.platform === 'darwin' && process.arch === 'arm64';
  const system = process.platform === 'win32' ? 'win' : process.platform;
  return [isAppleSilicon ? 'node-bin' : 'node', system, process.arch].join('-');
}

function works(binary) {
  if (!existsSync(binary)) return false;
  try {
    return execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim() === `v${WANTED.version}`;
  } catch {
    return false;
  }
}

async function download(root, folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const { code, output } = await npm(
    `fetching Node ${WANTED.version} from npm`,
    ['install', '--no-package-lock', '--ignore-scripts', `${packageName()}@${WANTED.version}`],
    { cwd: folder, logFile: join(root, '.remit/setup.log') },
  );
  if (code === 0) return;
  throw new SetupError(
    `Node 24 could not be fetched from npm: check the network, or install Node 24\n${tailOf(output)}`,
  );
}
