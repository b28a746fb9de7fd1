// The daemon of the demo's night with its console: started once for all tests, ended with them.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inject } from 'vitest';
import type { DemoUser } from './sign-in';

/** The one line of `aftercall demo --serve --json`. */
export interface Demo {
  url: string;
  openapi_url: string;
  users: DemoUser[];
  lowest_case_id: number | null;
  recording_ids: number[];
}

const ROOT = resolve(import.meta.dirname, '../..');
/** A night of this size takes two to three minutes; longer than this something is wrong. */
const PATIENCE_MS = 8 * 60_000;

export interface Running {
  demo: Demo;
  /** The program, to verify bundles with. */
  program: string;
  stop(): Promise<void>;
}

export interface Empty extends Running {
  /** A command at the terminal about a file. */
  command(words: readonly string[], file: { name: string; text: string }): void;
}

export const PROGRAM = process.env.AFTERCALL ?? join(ROOT, 'target/debug/aftercall');

/** The demo that all tests share. */
export async function startDemo(): Promise<Running> {
  return { demo: JSON.parse(inject('demo')), program: PROGRAM, stop: async () => {} };
}

/** Runs the night, and gives the console once all calls are over. */
export async function runDemo(): Promise<Running> {
  const program = PROGRAM;
  const folder = mkdtempSync(join(tmpdir(), 'aftercall-console-'));
  const words = [
    'demo',
    '--serve',
    '--json',
    '--port',
    '0',
    '--patients',
    '30',
    '--lines',
    '30',
    '--dir',
    folder,
  ];
  const child = spawn(program, [...words, '--prompts', join(ROOT, 'prompts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const demo = await firstLine(child);
  return {
    demo,
    program,
    stop: async () => {
      const ended = new Promise((over) => child.once('exit', over));
      child.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function firstLine(child: ChildProcess): Promise<Demo> {
  return new Promise((found, failed) => {
    let text = '';
    const late = setTimeout(() => failed(new Error('the demo did not end its calls in time')), PATIENCE_MS);
    child.stdout?.on('data', (piece) => {
      text += piece;
      if (!text.includes('\n')) return;
      clearTimeout(late);
      found(JSON.parse(text));
    });
    child.once('exit', (status) =>
      failed(new Error(`the demo ended with ${status}; its error stands above`)),
    );
    child.once('error', (error) =>
      failed(new Error(`cannot start ${child.spawnfile}: ${error.message}; cargo build first`)),
    );
  });
}

const ROLES = ['administrator', 'supervisor', 'agent', 'qa', 'department_head', 'auditor'] as const;

/** A daemon in which nothing has ever happened, with one account for each role; all have the same password. */
export async function startEmpty(roles: readonly (typeof ROLES)[number][] = ROLES): Promise<Empty> {
  const folder = mkdtempSync(join(tmpdir(), 'aftercall-empty-'));
  const settings = join(folder, 'aftercall.toml');
  const port = await freePort();
  const lines = [
    '[place]',
    `prompts = ${JSON.stringify(join(ROOT, 'prompts'))}`,
    'journal_mb = 4',
    'reserve_mb = 4',
    '[[trunk]]',
    'name = "none"',
    'address = "127.0.0.1:9"',
    'local = "127.0.0.1:0"',
    'user = "01000000000"',
    'lines = 8',
    '[console]',
    `listen = "127.0.0.1:${port}"`,
    'tls = false',
    'hospital = "云溪市人民医院"',
  ];
  writeFileSync(settings, `${lines.join('\n')}\n`);
  const password = 'Empty-3f7a21c9';
  const users = roles.map((role) => ({
    name: role.replace('_', '-'),
    password,
    role,
  }));
  const child = spawn(PROGRAM, ['run', '--config', settings], { cwd: folder, stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; !(await fetch(`${url}/api/health`).catch(() => null)); tries += 1) {
    if (tries > 300) throw new Error('the empty daemon does not come up');
    await new Promise((later) => setTimeout(later, 200));
  }
  for (const { name, role } of users) {
    const words = ['user', 'add', '--config', settings, name, '--name', role, '--role', role];
    if (role === 'department_head') words.push('--department', '骨科');
    execFileSync(PROGRAM, [...words, '--password-file', '-'], { cwd: folder, input: `${password}\n` });
  }
  return {
    demo: { url, openapi_url: `${url}/api/openapi.json`, users, lowest_case_id: null, recording_ids: [] },
    program: PROGRAM,
    command: (words, file) => {
      writeFileSync(join(folder, file.name), file.text);
      execFileSync(PROGRAM, [...words, '--config', settings, file.name], { cwd: folder });
    },
    stop: async () => {
      const ended = new Promise((over) => child.once('exit', over));
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => found(port));
    });
  });
}
