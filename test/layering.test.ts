import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { breach, importsOf } from './support/layering.ts';

const root = join(import.meta.dirname, '..');
const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/${name.replaceAll('\\', '/')}`);

describe('the rooms of src', () => {
  it('are read at all', () => {
    expect(files).toContain('src/policy/vocabulary.ts');
    expect(importsOf(readFileSync(join(root, 'src/app.ts'), 'utf8')).length).toBeGreaterThan(0);
  });

  it('import one way', () => {
    const breaches = files.flatMap((file) =>
      importsOf(readFileSync(join(root, file), 'utf8'))
        .map((found) => ({ file, specifier: found.specifier, breach: breach(file, found) }))
        .filter((found) => found.breach !== undefined),
    );
    expect(breaches).toEqual([]);
  });
});

describe('an import', () => {
  it.each([
    ['src/policy/a.ts', `import { z } from 'zod';`],
    ['src/charters/a.ts', `import type { Verb } from '../policy/vocabulary.ts';`],
    ['src/workflows/a.ts', `import { sleep } from '@temporalio/workflow';`],
    ['src/workflows/a.ts', `import type { Think } from '../activities/think.ts';`],
    ['src/workflows/a.ts', `import { type Verb, type Json } from '../policy/vocabulary.ts';`],
    ['src/ledger/a.ts', `import { link } from '../audit/chain.ts';`],
    ['src/connectors/mailbox/a.ts', `import { defineAction } from '../../activities/action.ts';`],
    ['src/agents/a.ts', `import type { RemitApp } from '../app.ts';`],
    ['src/cli/a.ts', `import { serve } from '../server/serve.ts';`],
    ['src/cli/a.ts', `const { startPostgres } = await import('../stack/postgres.ts');`],
    ['src/stack/a.ts', `import { RemitError } from '../policy/error.ts';`],
    ['src/index.ts', `export { defineAction } from './activities/action.ts';`],
  ])('in %s may say %s', (file, source) => {
    expect(importsOf(source).map((found) => breach(file, found))).toEqual([undefined]);
  });

  it.each([
    ['src/policy/a.ts', `import { readFileSync } from 'node:fs';`, 'may not use the package'],
    ['src/policy/a.ts', `import { open } from '../ledger/ledger.ts';`, 'may not use `ledger`'],
    ['src/policy/a.ts', `import type { Action } from '../activities/action.ts';`, 'may not use `activities`'],
    ['src/policy/a.ts', `export * from '../charters/read.ts';`, 'may not use `charters`'],
    ['src/charters/a.ts', `import '../audit/chain.ts';`, 'may not use `audit`'],
    ['src/ledger/a.ts', `const guard = await import('../activities/guard.ts');`, 'may not use `activities`'],
    ['src/ledger/a.ts', `import {\n  type Guard,\n} from '../activities/guard.ts';`, 'may not use `activities`'],
    ['src/activities/a.ts', `import type { RemitApp } from '../app.ts';`, 'may not use `app`'],
    ['src/activities/a.ts', `type Mail = import('../connectors/mailbox/mail.ts').Mail;`, 'may not use `connectors`'],
    ['src/connectors/a.ts', `import { playbook } from '../agents/playbook.ts';`, 'may not use `agents`'],
    ['src/activities/a.ts', `import { startPostgres } from '../stack/postgres.ts';`, 'may not start the stack'],
    ['src/stack/a.ts', `import type { Verb } from '../policy/vocabulary.ts';`, 'nothing but policy/error.ts'],
    ['src/workflows/a.ts', `import { think } from '../activities/think.ts';`, 'only by `import type`'],
    ['src/workflows/a.ts', `import { type Verb, VERBS } from '../policy/vocabulary.ts';`, 'only by `import type`'],
    ['src/workflows/a.ts', `import { z } from 'zod';`, 'may not use the package'],
    ['src/workflows/a.ts', `import type { Client } from '@temporalio/client';`, 'may not use the package'],
    ['src/cli/a.ts', `import { mail } from '../../examples/support/app.ts';`, 'reaches outside src'],
  ])('in %s may not say %s', (file, source, words) => {
    expect(importsOf(source).map((found) => breach(file, found))).toEqual([expect.stringContaining(words)]);
  });
});
