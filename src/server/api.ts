import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { ApiError, asApiError } from './api-error.ts';
import { storableUrl } from './context.ts';
import type { ApiContext } from './context.ts';
import { approvalRoutes } from './routes/approvals.ts';
import { auditRoutes } from './routes/audit.ts';
import { charterRoutes } from './routes/charters.ts';
import { doctorRoutes } from './routes/doctor.ts';
import { draftRoutes } from './routes/drafts.ts';
import { jobRoutes } from './routes/jobs.ts';
import { revocationRoutes } from './routes/revocations.ts';

const MOST_BYTES = 256 * 1024;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** The HTTP API: for this machine alone, and for whoever has the start-up token. */
export function createApi(context: ApiContext): Hono {
  const app = new Hono();
  app.use(ownHost, notKept);
  app.get('/', (c) => c.text(whatIsWhere(context)));
  app.use('/api/*', withToken(context.token), bodyLimit({ maxSize: MOST_BYTES, onError: tooLarge }), storableUrl);
  app.route('/api/jobs', jobRoutes(context));
  app.route('/api/approvals', approvalRoutes(context));
  app.route('/api/drafts', draftRoutes(context));
  app.route('/api/revocations', revocationRoutes(context));
  app.route('/api/charters', charterRoutes(context));
  app.route('/api/audit', auditRoutes(context));
  app.route('/api/doctor', doctorRoutes(context));
  app.notFound((c) => answer(c, new ApiError(404, 'NOT_FOUND', `there is nothing at ${c.req.path}`)));
  app.onError((error, c) => {
    const told = asApiError(error);
    if (told.status === 500) context.report(error);
    return answer(c, told);
  });
  return app;
}

function answer(c: Context, { status, code, message }: ApiError): Response {
  return c.json({ error: { code, message } }, status);
}

/** INVARIANT: a page elsewhere that points a name of its own at this machine (DNS rebinding) is not answered. */
const ownHost: MiddlewareHandler = async (c, next) => {
  const host = (c.req.header('host') ?? '').replace(/:\d+$/, '');
  if (!LOOPBACK.has(host))
    throw new ApiError(403, 'WRONG_HOST', 'this server answers to 127.0.0.1 and localhost alone');
  await next();
};

/** What is told here changes by the second and is nobody else's to keep. */
const notKept: MiddlewareHandler = async (c, next) => {
  await next();
  c.header('cache-control', 'no-store');
  c.header('x-content-type-options', 'nosniff');
};

function withToken(token: string): MiddlewareHandler {
  const expected = digest(`Bearer ${token}`);
  return async (c, next) => {
    if (!timingSafeEqual(digest(c.req.header('authorization') ?? ''), expected))
      throw new ApiError(401, 'NOT_SIGNED_IN', 'send the start-up token of `run.json` as a bearer token');
    await next();
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** What is still on its way is not read, so the connection ends with the answer. */
function tooLarge(c: Context): Response {
  c.header('connection', 'close');
  return answer(c, new ApiError(413, 'REQUEST_TOO_LARGE', `the body is larger than ${MOST_BYTES} bytes`));
}

function whatIsWhere({ addresses }: ApiContext): string {
  const ui = addresses['temporalUi'];
  return [
    'Remit, the permission boundary for AI agents, runs here.',
    '',
    ...(ui === undefined ? [] : [`Temporal UI: ${ui}`]),
    'API: /api/jobs /api/approvals /api/drafts /api/revocations /api/charters /api/audit /api/doctor (bearer token of run.json)',
    'Command line: npm run remit -- --help',
    '',
  ].join('\n');
}
