import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';

/** Writes a file whole or not at all; the same name again replaces it. @returns its path */
export async function keepFile(dir: string, name: string, bytes: Buffer): Promise<string> {
  await mkdir(dir, { recursive: true });
  const path = join(dir, name);
  const unfinished = join(dir, `.${name}.${randomUUID()}`);
  await writeFile(unfinished, bytes);
  await rename(unfinished, path);
  return path;
}
