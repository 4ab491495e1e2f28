import { createServer } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';

const ArrivalSchema = z.strictObject({ key: z.string(), text: z.string() });
export type Arrival = z.infer<typeof ArrivalSchema>;

/** The outside world: a process no kill reaches. It takes whatever comes, also twice, and can be asked. */
export interface World {
  readonly url: string;
  readonly arrivals: readonly Arrival[];
  readonly close: () => Promise<void>;
}

/** @param onArrival - looks at the ledger at the very moment something arrives */
export async function openWorld(onArrival: (arrival: Arrival) => Promise<void>): Promise<World> {
  const arrivals: Arrival[] = [];
  const server = createServer((request, response) => {
    const answer =
      request.method === 'POST' ? arrive(request, arrivals, onArrival) : Promise.resolve(has(request, arrivals));
    answer.then(
      (body) => response.end(JSON.stringify(body)),
      () => response.writeHead(500).end(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, arrivals, close };
}

async function arrive(
  request: IncomingMessage,
  arrivals: Arrival[],
  onArrival: (arrival: Arrival) => Promise<void>,
): Promise<boolean> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  const arrival = ArrivalSchema.parse(JSON.parse(Buffer.concat(chunks).toString()));
  await onArrival(arrival);
  arrivals.push(arrival);
  return true;
}

function has({ url = '/' }: IncomingMessage, arrivals: readonly Arrival[]): boolean {
  return arrivals.some(({ key }) => `/${key}` === url);
}
