import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { keepFile } from './keep-file.ts';

/** Whether a message was moved to the trash folder. */
export async function isInTrash(trashDir: string | undefined, id: string): Promise<boolean> {
  if (trashDir === undefined) return false;
  return access(join(trashDir, `${id}.eml`)).then(
    () => true,
    () => false,
  );
}

/** Moves a message to the trash folder: a copy there hides the original, which its owner's mailbox still has. */
export async function moveToTrash(trashDir: string, id: string, bytes: Buffer): Promise<string> {
  return keepFile(trashDir, `${id}.eml`, bytes);
}
