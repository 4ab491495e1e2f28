import { posix } from 'node:path';

/** One import as written; `typeOnly` ones leave nothing behind at run time. */
export interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** Rooms in the order of imports: each may use what stands on lines before its own. */
const ORDER = [
  ['policy'],
  ['charters', 'audit', 'identity', 'workflows'],
  ['ledger'],
  ['activities'],
  ['app'],
  ['connectors', 'agents'],
  ['server', 'cli', 'plugin'],
  ['index'],
];
/** The last rooms open together (`cli` starts `server`); everywhere else neighbours do not know each other. */
const NEIGHBOURLY = new Set(['server', 'cli', 'plugin']);
/** Rooms that load anywhere or in the Workflow sandbox, and the packages they may use there. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  policy: ['zod'],
  workflows: ['@temporalio/workflow', '@temporalio/common'],
};
const MAY_START_THE_STACK = new Set(['server', 'cli']);

/** Every import of a TypeScript source: static, `import type`, `export from`, bare, and dynamic with a literal. */
export function importsOf(source: string): readonly Import[] {
  const statements = [...source.matchAll(/^[ \t]*(import|export)\b([^'"`;]*?)\bfrom\s*['"]([^'"]+)['"]/gm)].map(
    ([, , clause = '', specifier = '']) => ({ specifier, typeOnly: isTypeOnly(clause) }),
  );
  const others = [...source.matchAll(/(typeof\s+)?\bimport\s*\(?\s*['"`]([^'"`]+)['"`]/g)].map(
    ([, type, specifier = '']) => ({ specifier, typeOnly: type !== undefined }),
  );
  return [...statements, ...others];
}

/** `type {…}`, or braces in which every name says `type`. */
function isTypeOnly(clause: string): boolean {
  if (/^\s*type\b/.test(clause)) return true;
  const names = /^\s*\{([^}]*)\}\s*$/.exec(clause)?.[1];
  return names !== undefined && names.split(',').every((name) => name.trim() === '' || /^\s*type\s/.test(name));
}

/** What an import breaks, in words; `undefined` when it may stand. `file` is a path from the project's root. */
export function breach(file: string, { specifier, typeOnly }: Import): string | undefined {
  const from = roomOf(file);
  if (!specifier.startsWith('.')) return packageBreach(from, specifier);
  const target = posix.join(posix.dirname(file), specifier);
  if (!target.startsWith('src/')) return `\`${from}\` reaches outside src`;
  const to = roomOf(target);
  if (from === to) return undefined;
  if (from === 'stack')
    return target === 'src/policy/error.ts' ? undefined : '`stack` uses nothing but policy/error.ts';
  if (to === 'stack') return MAY_START_THE_STACK.has(from) ? undefined : `\`${from}\` may not start the stack`;
  if (from === 'workflows') return workflowsBreach(to, typeOnly);
  return mayUse(from, to) ? undefined : `\`${from}\` may not use \`${to}\``;
}

function packageBreach(from: string, specifier: string): string | undefined {
  const allowed = PACKAGES[from];
  if (allowed === undefined || allowed.includes(specifier)) return undefined;
  return `\`${from}\` may not use the package \`${specifier}\``;
}

function workflowsBreach(to: string, typeOnly: boolean): string | undefined {
  if (to !== 'policy' && to !== 'activities') return `\`workflows\` may not use \`${to}\``;
  return typeOnly ? undefined : `\`workflows\` may use \`${to}\` only by \`import type\``;
}

function mayUse(from: string, to: string): boolean {
  const [user, used] = [placeOf(from), placeOf(to)];
  if (user < 0 || used < 0) return false;
  return used < user || (used === user && NEIGHBOURLY.has(from));
}

function placeOf(room: string): number {
  return ORDER.findIndex((rooms) => rooms.includes(room));
}

/** `src/policy/error.ts` is in `policy`, `src/plugin.ts` a room of its own. */
function roomOf(file: string): string {
  return (file.split('/')[1] ?? '').replace(/\.ts$/, '');
}
