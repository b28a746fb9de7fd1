// One demo night for all files of tests; `AFTERCALL_DEMO` names one that runs already.
import type { TestProject } from 'vitest/node';
import { type Running, runDemo } from './demo';

declare module 'vitest' {
  export interface ProvidedContext {
    demo: string;
  }
}

let running: Running | undefined;

export async function setup(project: TestProject): Promise<void> {
  const given = process.env.AFTERCALL_DEMO;
  if (given === undefined) running = await runDemo();
  project.provide('demo', given ?? JSON.stringify(running?.demo));
}

export async function teardown(): Promise<void> {
  await running?.stop();
}
