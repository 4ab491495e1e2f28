import { runCli } from './program.ts';
import { processIo } from './io.ts';

const code = await runCli(process.argv.slice(2), processIo);
// Servers of the SDK may keep the process alive; whatever had to be stopped is stopped by now.
process.exit(code);
