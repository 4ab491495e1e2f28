import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runRemit } from '../support/api.ts';

const COMMANDS = [
  ...['up', 'start', 'jobs', 'job', 'approvals', 'approve', 'refuse', 'drafts', 'send'],
  ...['revoke', 'restore', 'explain', 'audit', 'doctor'],
];
const AUDIT = ['audit show', 'audit verify', 'audit cases'];

describe('help', () => {
  it('lists every command with what it is for, and the exit codes', async () => {
    const { code, out } = await runRemit(['--help'], {});
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^ {2}${command}\\b.* {2}\\w`, 'm'));
    for (const exit of [0, 1, 2, 3, 4, 5]) expect(out).toMatch(new RegExp(`^ {2}${exit} {2}\\w`, 'm'));
  });

  it.each([...COMMANDS, ...AUDIT])('of %s has examples', async (command) => {
    const { code, out } = await runRemit([...command.split(' '), '--help'], {});
    expect(code).toBe(0);
    expect(out).toContain('Examples:');
    expect(out).toMatch(/^ {2}\$ (remit|npm start)/m);
  });

  it.each([...COMMANDS, ...AUDIT].filter((command) => !['up', 'audit'].includes(command)))(
    'of %s offers --json and tells the exit codes',
    async (command) => {
      const { out } = await runRemit([...command.split(' '), '--help'], {});
      expect(out).toContain('--json');
      expect(out).toContain('Exit codes:');
    },
  );

  it.each(['start', 'approve', 'refuse', 'send', 'revoke', 'restore', 'job'])('of %s offers --as', async (command) => {
    expect((await runRemit([command, '--help'], {})).out).toContain('--as <name>');
  });
});

describe('a command line that is not right', () => {
  it.each([
    ['has no such command', ['aprove', 'x'], 'approve'],
    ['lacks an argument', ['approve'], 'request'],
    ['has an option nobody knows', ['jobs', '--loud'], '--loud'],
    ['names a level there is not', ['revoke', '--everything', '--level', 'god'], 'read-only'],
    ['names a level that narrows nothing', ['revoke', '--everything', '--level', 'high-impact'], 'selected-sends'],
    ['is nobody’s', ['revoke', '--everything', '--as', ''], '--as takes your name'],
    ['names a kind there is not', ['revoke', '--everything', '--kind', 'explode'], 'disable'],
    ['names no scope', ['revoke'], '--everything'],
    ['names two scopes', ['revoke', '--job', 'a', '--agent', 'b'], '--job and --agent'],
    ['names a revocation and a scope', ['restore', 'rev-1', '--everything'], 'not both'],
    ['sets something to nothing', ['start', 'desk-work', '-s', 'friend'], 'name=value'],
    ['gives a case that is no JSON', ['start', 'desk-work', '--case', '{'], '--case takes JSON'],
    ['gives a port that is none', ['up', '--ui-port', '70000'], '70000'],
    ['names a mailbox that is not there', ['up', '--mailbox', '/nowhere/at/all'], '/nowhere/at/all'],
  ])('exits 2 and says what when it %s', async (_, argv, said) => {
    const { code, err } = await runRemit(argv, { REMIT_HOME: await emptyHome() });
    expect(code).toBe(2);
    expect(err).toContain(said);
  });
});

describe('where nothing runs', () => {
  it.each([['jobs'], ['doctor'], ['approve', 'apr-1'], ['audit', 'verify'], ['revoke', '--everything']])(
    '%s exits 5 and says how to start it',
    async (...argv) => {
      const { code, err } = await runRemit(argv, { REMIT_HOME: await emptyHome() });
      expect(code).toBe(5);
      expect(err).toContain('npm start');
    },
  );

  it('the program exits as its command does', async () => {
    expect(await exitOf(['jobs'])).toBe(5);
    expect(await exitOf(['nonsense'])).toBe(2);
    expect(await exitOf(['--help'])).toBe(0);
  });
});

async function emptyHome(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'remit-nothing-'));
}

async function exitOf(argv: readonly string[]): Promise<number> {
  const env = { ...process.env, REMIT_HOME: await emptyHome() };
  const main = resolve(import.meta.dirname, '../../src/cli/main.ts');
  return new Promise((done) => {
    const child = execFile(process.execPath, [main, ...argv], { env }, () => done(child.exitCode ?? -1));
  });
}
