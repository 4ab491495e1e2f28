import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import proto from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { expect, inject, it } from 'vitest';

/** Histories of real jobs, kept by `proof/record-histories.ts`. */
const HISTORIES = join(import.meta.dirname, 'histories');

async function historyOf(name: string): Promise<string> {
  return readFile(join(HISTORIES, `${name}.json`), 'utf8');
}

function replay(text: string): Promise<void> {
  const history = proto.temporal.api.history.v1.History.fromObject(JSON.parse(text) as object);
  return Worker.runReplayHistory({ workflowBundle: { codePath: inject('workflowBundle') } }, history, 'replayed');
}

const names = readdirSync(HISTORIES).map((file) => file.replace('.json', ''));

it.each(names)('the Workflows of today replay the job that was %s', async (name) => {
  await replay(await historyOf(name));
});

it.each([
  ['took another action', 'approved', (text: string) => text.replaceAll('"desk.send"', '"desk.post"')],
  [
    'acted at another step',
    'approved',
    (text: string) => text.replaceAll('"activityId": "0.0"', '"activityId": "0.7"'),
  ],
  ['was never told what people said', 'refused', (text: string) => text.replaceAll('"recordSignals"', '"think"')],
])('the Workflows of today do not replay a history that %s', async (_what, name, change) => {
  const changed = change(await historyOf(name));
  expect(changed).not.toBe(await historyOf(name));
  await expect(replay(changed)).rejects.toThrow();
});
