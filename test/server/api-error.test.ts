import { expect, it } from 'vitest';
import { UnknownCharterError } from '../../src/activities/policies.ts';
import { LedgerUnavailableError } from '../../src/ledger/unavailable-error.ts';
import { ApiError, asApiError, notFound } from '../../src/server/api-error.ts';

it.each([
  [new LedgerUnavailableError(new Error('gone')), 503, 'LEDGER_UNAVAILABLE', 'gone'],
  [new UnknownCharterError('none'), 404, 'UNKNOWN_CHARTER', 'none'],
  [notFound('job', 'j'), 404, 'NOT_FOUND', '`j`'],
  [new ApiError(409, 'ALREADY_SENT', 'once'), 409, 'ALREADY_SENT', 'once'],
  [new Error('password=hunter2'), 500, 'UNEXPECTED', 'the log says what'],
  ['thrown text', 500, 'UNEXPECTED', 'the log says what'],
])('%s is told as %i %s', (error, status, code, says) => {
  const told = asApiError(error);
  expect(told).toMatchObject({ status, code });
  expect(told.message).toContain(says);
  expect(told.message).not.toContain('hunter2');
});
