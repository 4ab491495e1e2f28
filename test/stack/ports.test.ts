import { createServer, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { freePort } from '../../src/stack/ports.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

it('takes the preferred port when it is free', async () => {
  const port = await freePort();
  expect(await freePort(port)).toBe(port);
});

it('steps around a port that is taken', async () => {
  const port = await freePort();
  await occupy(port);
  expect(await freePort(port)).toBeGreaterThan(port);
});

function occupy(port: number): Promise<void> {
  const server = createServer();
  open.push(server);
  return new Promise((resolve) => server.listen({ host: '127.0.0.1', port }, resolve));
}
