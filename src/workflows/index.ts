export { agentJob } from './agent-job.ts';
export { dispatchDraft } from './dispatch-draft.ts';
