import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRequests } from '../../src/ledger/approval.ts';
import type { ApprovalRow } from '../../src/ledger/approval.ts';
import { listDrafts } from '../../src/ledger/draft.ts';
import type { DraftRow } from '../../src/ledger/draft.ts';
import { findJob, listJobs } from '../../src/ledger/job.ts';
import { serveDesk } from '../support/api.ts';
import type { Served } from '../support/api.ts';
import { HOUSE, openDesk } from '../support/desk.ts';
import type { Desk } from '../support/desk.ts';
import { until } from '../support/until.ts';

let desk: Desk;
let api: Served;
beforeAll(async () => {
  desk = await openDesk();
  api = await serveDesk(desk);
});
afterAll(async () => {
  await api.close();
  await desk.close();
});

const friendOf = (workflowId: string) => `${workflowId}@friend.example`;
const longSend = (id: string) => ({ action: 'desk.send', input: { to: friendOf(id), text: 'one two three' } });
const sentTo = (id: string) => desk.sink.sent.filter(({ to }) => to === friendOf(id));
const jobIdOf = async (id: string) => (await desk.remit.ledger.run((db) => findJob(db, id)))?.jobId ?? '';

async function waiting(id: string): Promise<ApprovalRow> {
  return until(async () =>
    (await desk.remit.ledger.run((db) => openRequests(db))).find(({ workflow_id }) => workflow_id === id),
  );
}

async function held(id: string): Promise<DraftRow> {
  const jobId = await jobIdOf(id);
  return until(async () =>
    (await desk.remit.ledger.run((db) => listDrafts(db, { all: true }))).find(({ job_id }) => job_id === jobId),
  );
}

/** A job whose long message was kept as a draft by a person. */
async function keptDraft(id: string): Promise<DraftRow> {
  const handle = await desk.job([[longSend(id)]], id);
  const { request_id } = await waiting(id);
  await api.post(`/api/approvals/${request_id}/verdict`, { verdict: 'kept', as: 'mona' });
  await handle.result();
  return held(id);
}

/** One raw request: `fetch` would not let us lie about the host. */
async function raw(path: string, headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(`${api.url}${path}`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject).end();
  });
}

describe('who is answered', () => {
  it.each([
    ['no token', {}],
    ['another token', { authorization: 'Bearer the-token-of-this-tesT' }],
    ['the token under another scheme', { authorization: 'Basic the-token-of-this-test' }],
    ['the token and more', { authorization: 'Bearer the-token-of-this-test2' }],
  ])('is nobody with %s', async (_, headers) => {
    expect(await raw('/api/jobs', headers)).toBe(401);
  });

  it.each([
    ['evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['localhost.evil.example:80', 403],
    ['localhost', 200],
    ['127.0.0.1:4444', 200],
  ])('is who asks host %s: %i', async (host, status) => {
    expect(await raw('/api/jobs', { host, authorization: `Bearer ${api.token}` })).toBe(status);
  });

  it('is nobody who calls themselves by an agent’s name', async () => {
    const refused = await api.post('/api/revocations', {
      scope: { kind: 'everything' },
      reason: 'r',
      as: 'desk-clerk',
    });
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'AGENT_IS_NO_PERSON' } } });
  });
});

describe('a request that is not right', () => {
  it.each([
    ['is no JSON object', '/api/jobs', 'text', 'object'],
    ['lacks a field', '/api/jobs', { charter: 'desk-work', case: {} }, '`as`'],
    ['has a field too many', '/api/jobs', { charter: 'desk-work', case: {}, as: 'mona', starter: 'x' }, 'starter'],
    [
      'claims an assurance',
      '/api/approvals/apr-1/verdict',
      { verdict: 'approved', as: 'm', assurance: 'signed' },
      'assurance',
    ],
    [
      'gives a level to a kind without',
      '/api/revocations',
      { kind: 'disable', level: 'read-only', scope: { kind: 'everything' }, reason: 'r', as: 'm' },
      '`level`',
    ],
    ['gives no reason', '/api/revocations', { scope: { kind: 'everything' }, as: 'm' }, '`reason` is missing'],
    [
      'would stop nothing',
      '/api/revocations',
      { kind: 'exclude', scope: { kind: 'everything' }, reason: 'r', as: 'm' },
      'exclude takes a customer',
    ],
    ['is nobody’s', '/api/revocations', { scope: { kind: 'everything' }, reason: 'r', as: ' ' }, '`as` is empty'],
    ['restores nothing', '/api/revocations/restore', { as: 'm' }, 'a `revocationId` or a `scope`'],
  ])('is rejected and told why when it %s', async (_, path, body, named) => {
    const { status, body: told } = await api.post(path, body);
    expect(status).toBe(400);
    expect(told).toMatchObject({ error: { code: 'REQUEST_REJECTED' } });
    expect(JSON.stringify(told)).toContain(named);
  });

  const start = { charter: 'desk-work', case: {}, as: 'mona' };
  it.each([
    ['a case value', '/api/jobs', { ...start, case: { friend: 'a\0b' } }],
    ['a nested name', '/api/jobs', { ...start, case: { 'a\0': 1 } }],
    ['a person’s name', '/api/jobs', { ...start, as: 'mo\0na' }],
    ['half a character', '/api/jobs', { ...start, workflowId: 'a\ud800' }],
    ['a reason', '/api/revocations', { scope: { kind: 'customer', value: 'c' }, reason: 'a\0', as: 'mona' }],
  ])('is rejected when it holds what cannot be kept exactly: %s', async (_, path, body) => {
    expect(await api.post(path, body)).toMatchObject({ status: 400, body: { error: { code: 'REQUEST_REJECTED' } } });
  });

  it.each(['/api/jobs/a%00b', '/api/approvals?job=a%00', '/api/jobs/%E0%A4%A'])(
    'is rejected when its address is not right: %s',
    async (path) => {
      expect(await api.get(path)).toMatchObject({ status: 400, body: { error: { code: 'REQUEST_REJECTED' } } });
    },
  );

  it('is rejected when it is too large', async () => {
    const huge = await api.post('/api/jobs', { charter: 'desk-work', case: { friend: 'x'.repeat(300_000) }, as: 'm' });
    expect(huge).toMatchObject({ status: 413, body: { error: { code: 'REQUEST_TOO_LARGE' } } });
  });

  it.each([
    ['/api/jobs/nobody', 'job'],
    ['/api/approvals/apr-none', 'approval request'],
    ['/api/drafts/dft-none', 'draft'],
    ['/api/audit/nobody', 'job'],
    ['/api/charters/none/explain', 'in force; there are desk-work'],
    ['/api/nothing', 'nothing'],
  ])('is answered 404 at %s, naming it', async (path, named) => {
    const { status, body } = await api.get(path);
    expect(status).toBe(404);
    expect(JSON.stringify(body)).toContain(named);
  });

  it('leaves no unexpected error behind', () => {
    expect(api.reported).toEqual([]);
  });
});

describe('starting a job', () => {
  const body = (id: string, more: object = {}) => ({
    charter: 'desk-work',
    case: { friend: friendOf(id) },
    brain: 'script',
    workflowId: id,
    as: 'mona',
    ...more,
  });

  it('admits it by row first, and its run binds to that row', async () => {
    const { status, body: started } = await api.post('/api/jobs', body('api-started'));
    expect(status).toBe(201);
    await desk.remit.client.workflow.getHandle('api-started').result();
    const { body: job } = await api.get('/api/jobs/api-started');
    const { jobId, url } = started as { jobId: string; url: string };
    expect(job).toMatchObject({ jobId, url, case: { friend: friendOf('api-started') } });
    expect(job).toMatchObject({ starter: { name: 'mona', assurance: 'session', door: 'http' }, audit: { ok: true } });
    expect(job).toMatchObject({ state: 'done', failure: null, temporal: 'COMPLETED' });
  });

  it('shows the job in Temporal in business words before it has done anything', async () => {
    await api.post('/api/jobs', body('api-shown'));
    const shown = await desk.remit.client.workflow.getHandle('api-shown').describe();
    expect(await shown.staticSummary()).toContain('desk work');
    expect(shown.searchAttributes).toMatchObject({ RemitAgent: ['desk-clerk'], RemitCharter: ['desk-work'] });
  });

  it.each([
    ['the case does not fit', { case: { friend: 'nobody' } }, 'CASE_REJECTED', 'case.friend'],
    ['the case has more than its charter', { case: { friend: 'a@b.example', boss: 'x' } }, 'CASE_REJECTED', 'boss'],
    ['there is no such brain', { brain: 'great' }, 'UNKNOWN_BRAIN', 'script'],
    ['the case lacks a value', { case: {} }, 'CASE_REJECTED', '`case.friend` is missing'],
    ['there is no such charter', { charter: 'none' }, 'UNKNOWN_CHARTER', 'in force; there are desk-work'],
  ])('is rejected and leaves no row when %s', async (why, more, code, named) => {
    const id = `api-rejected-${why.replaceAll(' ', '-')}`;
    const { status, body: told } = await api.post('/api/jobs', body(id, more));
    expect([400, 404]).toContain(status);
    expect(told).toMatchObject({ error: { code } });
    expect(JSON.stringify(told)).toContain(named);
    expect(await jobIdOf(id)).toBe('');
  });

  it('is worked by the only brain there is unless one is named', async () => {
    expect(await api.post('/api/jobs', body('api-only-brain', { brain: undefined }))).toMatchObject({ status: 201 });
    await desk.remit.client.workflow.getHandle('api-only-brain').result();
    expect(await api.get('/api/jobs/api-only-brain')).toMatchObject({ body: { brain: 'script' } });
  });

  it('happens once a Workflow id: a second start is refused and changes nothing', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => api.post('/api/jobs', body('api-twice'))));
    expect(all.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(1);
    const { body: after } = await api.post('/api/jobs', body('api-twice'));
    expect(after).toMatchObject({ error: { code: 'ALREADY_STARTED' } });
    await desk.remit.client.workflow.getHandle('api-twice').result();
    const jobs = await desk.remit.ledger.run((db) => listJobs(db, { running: false, most: 500 }));
    expect(jobs.filter(({ workflowId }) => workflowId === 'api-twice')).toMatchObject([{ starter: { name: 'mona' } }]);
  });
});

describe('a job that is over', () => {
  const stop = (id: string) => desk.remit.client.workflow.getHandle(id);
  it.each([
    ['terminated', 'too odd', async (id: string) => void (await stop(id).terminate('too odd'))],
    ['cancelled', expect.any(String), async (id: string) => void (await stop(id).cancel())],
  ])('is shown as %s', async (state, failure, end) => {
    const id = `api-${state}`;
    const handle = await desk.job([[longSend(id)]], id);
    await waiting(id);
    await end(id);
    await handle.result().catch(() => undefined);
    expect(await api.get(`/api/jobs/${id}`)).toMatchObject({ body: { state, failure } });
    const { items } = (await api.get('/api/jobs')).body as { items: object[] };
    expect(items).toContainEqual(expect.objectContaining({ workflowId: id, state, failure }));
    const { items: running } = (await api.get('/api/jobs?running=true')).body as { items: object[] };
    expect(running).not.toContainEqual(expect.objectContaining({ workflowId: id }));
  });
});

describe('a job whose Workflow failed', () => {
  it('is shown with what went wrong inside', async () => {
    const args = [{ charter: 'desk-work', case: { friend: friendOf('api-failed') }, brain: 'great' }];
    const { taskQueue, client } = desk.remit;
    const handle = await client.workflow.start('agentJob', { taskQueue, workflowId: 'api-failed', args });
    await handle.result().catch(() => undefined);
    const { out } = await api.cli('job', 'api-failed');
    expect(out).toContain('state     failed; in Temporal FAILED: UNKNOWN_BRAIN: there is no brain `great`');
    expect((await api.cli('jobs')).out).toMatch(/^failed +api-failed .*there is no brain `great`/m);
  });
});

describe('deciding a request', () => {
  it('lets the action happen once and says so once', async () => {
    const id = 'api-approved';
    const handle = await desk.job([[longSend(id)]], id);
    const { request_id } = await waiting(id);
    expect(await api.get(`/api/approvals/${request_id}`)).toMatchObject({
      body: { sentence: `Send this message to ${friendOf(id)}`, payload: { to: friendOf(id) }, state: 'open' },
    });
    const verdict = { verdict: 'approved', as: 'mona' };
    expect(await api.post(`/api/approvals/${request_id}/verdict`, verdict)).toMatchObject({ status: 200 });
    await handle.result();
    expect(sentTo(id)).toHaveLength(1);
    expect(await api.post(`/api/approvals/${request_id}/verdict`, verdict)).toMatchObject({
      status: 409,
      body: { error: { code: 'VERDICT_DOES_NOT_COUNT' } },
    });
    expect(sentTo(id)).toHaveLength(1);
  });

  it('does not count as signed where a signed verdict is needed', async () => {
    const strict = await openDesk({ house: HOUSE.replace('verdict: unverified', 'verdict: signed') });
    const served = await serveDesk(strict);
    try {
      const handle = await strict.job([[longSend('api-unsigned')]], 'api-unsigned');
      const open = await until(async () => (await strict.remit.ledger.run((db) => openRequests(db)))[0]);
      const path = `/api/approvals/${open.request_id}/verdict`;
      expect(await served.post(path, { verdict: 'approved', as: 'mona' })).toMatchObject({ status: 409 });
      expect(strict.sink.sent).toHaveLength(0);
      expect(await served.post(path, { verdict: 'refused', as: 'mona', note: 'no' })).toMatchObject({ status: 200 });
      await handle.result();
    } finally {
      await served.close();
      await strict.close();
    }
  });
});

describe('sending a draft', () => {
  it('does exactly what was held, once, however often it is asked', async () => {
    const { draft_id } = await keptDraft('api-drafted');
    expect(sentTo('api-drafted')).toHaveLength(0);
    const path = `/api/drafts/${draft_id}/send`;
    const all = await Promise.all([1, 2, 3].map(() => api.post(path, { as: 'mona' })));
    expect(all.some(({ status }) => status === 200)).toBe(true);
    expect(await api.post(path, { as: 'mona' })).toMatchObject({
      status: 409,
      body: { error: { code: 'ALREADY_SENT' } },
    });
    expect(sentTo('api-drafted')).toMatchObject([{ text: 'one two three' }]);
  });

  it('is denied while the job is disabled, stays a draft, and goes once that is restored', async () => {
    const { draft_id } = await keptDraft('api-disabled');
    const scope = { kind: 'job', value: 'api-disabled' };
    await api.post('/api/revocations', { kind: 'disable', scope, reason: 'stop', as: 'mona' });
    const path = `/api/drafts/${draft_id}/send`;
    expect(await api.post(path, { as: 'mona' })).toMatchObject({ status: 403 });
    expect(await api.get(`/api/drafts/${draft_id}`)).toMatchObject({ body: { state: 'held' } });
    expect(sentTo('api-disabled')).toHaveLength(0);
    await api.post('/api/revocations/restore', { scope, as: 'mona' });
    expect(await api.post(path, { as: 'mona' })).toMatchObject({ status: 200 });
    expect(sentTo('api-disabled')).toHaveLength(1);
  });
});

describe('revoking and restoring', () => {
  it('answers with the receipt once it holds, and caps at draft-only unless told otherwise', async () => {
    const id = 'api-capped';
    const handle = await desk.job([[longSend(id)]], id);
    await waiting(id);
    const { status, body } = await api.post('/api/revocations', {
      scope: { kind: 'job', value: id },
      reason: 'too chatty',
      as: 'mona',
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ revocationId: expect.stringMatching(/^rev-/), stillFinishing: [] });
    const { jobId } = (await api.get(`/api/jobs/${id}`)).body as { jobId: string };
    expect(body).toMatchObject({ says: `cap at draft-only on job ${jobId}: too chatty` });
    expect(await api.get(`/api/jobs/${id}`)).toMatchObject({ body: { level: 'draft-only', mode: 'narrowed' } });
    await handle.result();
    expect(await held(id)).toMatchObject({ state: 'held' });
    expect(sentTo(id)).toHaveLength(0);
  });

  it.each(['job', 'agent', 'charter', 'system', 'action'])('names no %s that is not there', async (kind) => {
    const body = { scope: { kind, value: 'nothing-like-it' }, reason: 'r', as: 'mona' };
    expect(await api.post('/api/revocations', body)).toMatchObject({ status: 404 });
  });

  it('restores what is named, once', async () => {
    const { body } = await api.post('/api/revocations', {
      scope: { kind: 'domain', value: 'x.example' },
      kind: 'drop-domain',
      reason: 'r',
      as: 'mona',
    });
    const { revocationId } = body as { revocationId: string };
    const restored = { status: 200, body: { restored: [revocationId] } };
    expect(await api.post('/api/revocations/restore', { revocationId, as: 'mona' })).toMatchObject(restored);
    expect(await api.post('/api/revocations/restore', { revocationId, as: 'mona' })).toMatchObject({ status: 409 });
    expect(await api.post('/api/revocations/restore', { revocationId: 'rev-none', as: 'mona' })).toMatchObject({
      status: 404,
    });
  });

  it('does not restore by a session where the house wants more', async () => {
    const strict = await openDesk({ house: HOUSE.replace('restore: unverified', 'restore: signed'), start: false });
    const served = await serveDesk(strict);
    try {
      const { body } = await served.post('/api/revocations', { scope: { kind: 'everything' }, reason: 'r', as: 'm' });
      const { revocationId } = body as { revocationId: string };
      const refused = { status: 403, body: { error: { code: 'ASSURANCE_TOO_LOW' } } };
      expect(await served.post('/api/revocations/restore', { revocationId, as: 'm' })).toMatchObject(refused);
      expect(await served.get('/api/revocations')).toMatchObject({ body: { items: [{ revocationId }] } });
    } finally {
      await served.close();
      await strict.close();
    }
  });
});

describe('telling', () => {
  it('explains a charter at the level that holds now', async () => {
    const path = '/api/charters/desk-work/explain';
    expect(await api.get(path)).toMatchObject({ body: { level: 'selected-sends' } });
    const scope = { kind: 'charter', value: 'desk-work' };
    await api.post('/api/revocations', { scope, level: 'read-only', reason: 'a look around', as: 'mona' });
    const { body } = await api.get(path);
    await api.post('/api/revocations/restore', { scope, as: 'mona' });
    expect(body).toMatchObject({ level: 'read-only', paragraph: expect.stringContaining('a look around') });
  });

  it('tells a job’s story in order', async () => {
    const id = 'api-story';
    const handle = await desk.job([[longSend(id)]], id);
    const { request_id } = await waiting(id);
    await api.post(`/api/approvals/${request_id}/verdict`, { verdict: 'refused', as: 'mona', note: 'too long' });
    await handle.result();
    const { body } = await api.get(`/api/audit/${id}`);
    const said = (body as { lines: { says: string }[] }).lines.map(({ says }) => says).join('\n');
    expect(said).toMatch(/Admitted[\s\S]*asked for desk\.send[\s\S]*A person is asked[\s\S]*Refused[\s\S]*too long/);
  });

  it('pairs each decision with the verdict on it', async () => {
    const { body } = await api.get('/api/audit/cases');
    const cases = (body as { items: { request: { payload: unknown }; verdict: unknown }[] }).items;
    expect(cases).toContainEqual(
      expect.objectContaining({
        request: expect.objectContaining({ payload: { to: friendOf('api-story'), text: 'one two three' } }),
        decision: expect.objectContaining({ outcome: 'gate' }),
        verdict: expect.objectContaining({ verdict: 'refused', reviewer: 'mona', note: 'too long' }),
      }),
    );
  });

  it('verifies every chain', async () => {
    expect(await api.get('/api/audit/verify')).toMatchObject({ body: { ok: true, bad: [] } });
  });

  it('looks at every part', async () => {
    const { body } = await api.get('/api/doctor');
    expect(body).toMatchObject({ ok: true });
  });

  it('leaves no unexpected error behind', () => {
    expect(api.reported).toEqual([]);
  });
});
