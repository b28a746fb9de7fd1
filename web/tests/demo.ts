// The daemon of the demo's night with its console: started once for all tests, ended with them.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
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

/** Runs the night, and gives the console once all calls are over. `AFTERCALL_DEMO` names one that runs already. */
export async function startDemo(): Promise<Running> {
  const program = process.env.AFTERCALL ?? join(ROOT, 'target/debug/aftercall');
  const running = process.env.AFTERCALL_DEMO;
  if (running !== undefined) return { demo: JSON.parse(running), program, stop: async () => {} };
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
