import { createServer } from 'node:net';

const HOST = '127.0.0.1';
const TRIES = 50;

/** The preferred port of 127.0.0.1 or the next free one after it; without a preference, any free one. */
export async function freePort(preferred = 0): Promise<number> {
  const candidates = preferred === 0 ? [] : Array.from({ length: TRIES }, (_, offset) => preferred + offset);
  for (const candidate of candidates) {
    const port = candidate < 65_536 ? await tryPort(candidate) : undefined;
    if (port !== undefined) return port;
  }
  const any = await tryPort(0);
  if (any === undefined) throw new Error(`no free port on ${HOST}`);
  return any;
}

/** The port if it could be bound, `undefined` if it is taken. */
function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen({ host: HOST, port, exclusive: true }, () => {
      const address = probe.address();
      probe.close(() => resolve(address !== null && typeof address === 'object' ? address.port : undefined));
    });
  });
}
