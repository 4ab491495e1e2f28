import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { openDesk } from '../support/desk.ts';

it('denies an action of a Workflow that was bundled without the gate', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'remit-no-gate-'));
  const { code } = await bundleWorkflowCode({ workflowsPath: join(import.meta.dirname, '../support/workflows.ts') });
  const workflowBundle = join(folder, 'workflows.js');
  await writeFile(workflowBundle, code);
  const desk = await openDesk({ workflowBundle, bindings: { hurriedWorkflow: ['desk-work'] } });
  try {
    const about = { friend: 'ungated@friend.example' };
    const calls = [{ action: 'desk.send', input: { to: about.friend, text: 'hello' } }];
    const options = { taskQueue: desk.taskQueue, workflowId: `ungated-${desk.taskQueue}`, args: [about, calls] };
    expect(await desk.remit.client.workflow.execute('hurriedWorkflow', options)).toEqual(['GATE_NOT_INSTALLED']);
    expect(desk.sink.sent).toEqual([]);
  } finally {
    await desk.close();
    await rm(folder, { recursive: true, force: true });
  }
});
