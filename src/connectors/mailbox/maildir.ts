import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { MailEntry, MailSource } from './mail-source.ts';
import { MailboxUnreadableError, MailNotFoundError, UnreadableMailError } from './message.ts';
import { parseMessage } from './parse.ts';
import { isInTrash } from './trash.ts';

const SIZE_LIMIT = 25 * 1024 * 1024;

export interface MaildirOptions {
  /** A Maildir (`new/`, `cur/`), a flat folder of `*.eml`, or both at once. */
  readonly dir: string;
  /** Messages deleted here are left out of the list; the Maildir itself is never touched. */
  readonly trashDir?: string;
}

/** Reads a Maildir or a flat folder of `.eml` files, and changes nothing in it. */
export function maildir({ dir, trashDir }: MaildirOptions): MailSource {
  const places = new Map<string, string>();
  const list = async (): Promise<readonly MailEntry[]> => {
    const entries: MailEntry[] = [];
    for (const origin of await filesOf(dir)) entries.push(await entryOf(dir, origin));
    for (const { id, origin } of entries) places.set(id, origin);
    const gone = await Promise.all(entries.map(({ id }) => isInTrash(trashDir, id)));
    return entries.filter((_, index) => gone[index] !== true);
  };
  const raw = async (id: string): Promise<Buffer> => {
    if (!places.has(id)) await list();
    const origin = places.get(id);
    if (origin === undefined || (await isInTrash(trashDir, id))) throw new MailNotFoundError(id);
    return readAs(id, join(dir, origin));
  };
  const read = async (id: string) => parseMessage(await raw(id), { id, origin: `maildir:${places.get(id) ?? id}` });
  return { list, raw, read };
}

/** Of a Maildir the messages delivered and the `.eml` files beside them; of any other folder everything in it. */
async function filesOf(dir: string): Promise<readonly string[]> {
  const beside = await readdir(dir).catch((cause: unknown) => {
    throw new MailboxUnreadableError(dir, cause);
  });
  const folders = ['new', 'cur'].filter((folder) => beside.includes(folder));
  const flat = folders.length === 0 ? beside : beside.filter((name) => /\.eml$/i.test(name));
  const delivered = await Promise.all(folders.map((folder) => namesIn(dir, folder)));
  return [...flat, ...delivered.flat()].filter((path) => !path.split('/').at(-1)?.startsWith('.')).sort();
}

async function namesIn(dir: string, folder: string): Promise<readonly string[]> {
  return (await readdir(join(dir, folder))).map((name) => `${folder}/${name}`);
}

async function entryOf(dir: string, origin: string): Promise<MailEntry> {
  try {
    const found = await stat(join(dir, origin));
    if (!found.isFile()) return { id: idOf(origin), origin, unreadable: 'it is no file' };
    const id = await digestOf(join(dir, origin));
    return found.size > SIZE_LIMIT
      ? { id, origin, unreadable: `it is larger than ${SIZE_LIMIT} bytes` }
      : { id, origin };
  } catch (error) {
    return {
      id: idOf(origin),
      origin,
      unreadable: `it cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

/** INVARIANT: a file whose bytes changed since it was listed is another message, and is not read under the old id. */
async function readAs(id: string, path: string): Promise<Buffer> {
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  if (size > SIZE_LIMIT) throw new UnreadableMailError(`it is larger than ${SIZE_LIMIT} bytes`);
  const bytes = await readFile(path).catch((): undefined => undefined);
  if (bytes === undefined || idOf(bytes) !== id) throw new MailNotFoundError(id);
  return bytes;
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return shorten(hash.digest('hex'));
}

const shorten = (digest: string): string => digest.slice(0, 12);
const idOf = (bytes: Buffer | string): string => shorten(createHash('sha256').update(bytes).digest('hex'));
