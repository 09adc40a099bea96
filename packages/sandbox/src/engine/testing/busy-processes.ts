import { fork, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('busy-process.ts', import.meta.url));

/** Processes that crowd the machine, so many for each core; answers how to end them. */
export function crowdMachine(perCore: number): () => void {
  const children: ChildProcess[] = [];
  for (let i = 0; i < perCore * availableParallelism(); i += 1) children.push(fork(script));
  return () => {
    for (const child of children) child.kill('SIGKILL');
  };
}
