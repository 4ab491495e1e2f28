import { once } from 'node:events';
import { runCli } from './program.ts';
import { processIo } from './io.ts';

// Whoever reads us may have read enough (`remit jobs | head -1`), or the terminal is gone while `up` still stops its parts.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const code = await runCli(process.argv.slice(2), processIo);
if (process.stdout.writable && process.stdout.writableLength > 0) await once(process.stdout, 'drain');
// Servers of the SDK may keep the process alive; whatever had to be stopped is stopped by now.
process.exit(code);
