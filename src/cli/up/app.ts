import { pathToFileURL } from 'node:url';
import type { RemitApp } from '../../app.ts';
import { CliError, EXIT } from '../exit-code.ts';

/** Loads an app from its module. Code of the house, trusted as such. @throws CliError when it is none */
export async function loadApp(file: string): Promise<RemitApp> {
  const { default: app } = (await import(pathToFileURL(file).href)) as { default?: Partial<RemitApp> };
  if (typeof app?.open === 'function' && app.name !== undefined) return app as RemitApp;
  throw new CliError(EXIT.usage, `\`${file}\` has no default export made by \`defineApp\``);
}
