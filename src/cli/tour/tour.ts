import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import type { UpOptions } from '../up/run.ts';

export async function tour(io: Io, _options: UpOptions): Promise<ExitCode> {
  io.err('not yet');
  return EXIT.failed;
}
