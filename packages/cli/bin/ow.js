#!/usr/bin/env node
// Runs on any Node from 16 on: it only hands over to the Node that the lockfile pins.
import { spawn } from 'node:child_process';
import * as nodeModule from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const pinnedMajor = 26;
const configError = 78;
const compileCache = fileURLToPath(
  new URL('../../../node_modules/.cache/openworkers', import.meta.url),
);
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

function pinnedNode() {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    return {
      problem: `OpenWorkers runs on Linux (x64 or arm64), not on ${process.platform} ${process.arch}`,
    };
  }
  const name = `node-linux-${process.arch}`;
  try {
    return { path: nodeModule.createRequire(import.meta.url).resolve(`${name}/bin/node`) };
  } catch {
    return { problem: `the package ${name} is missing: run \`npm ci\` without --omit=optional` };
  }
}

function handOver(path) {
  const args = [main, ...process.argv.slice(2)];
  // The channel tells the child when this process is killed.
  const child = spawn(path, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => fail(`cannot run ${path}: ${error.message}`));
  child.on('exit', (code, signal) => {
    process.exitCode = code === null ? 128 + (constants.signals[signal] ?? 0) : code;
  });
}

function fail(problem) {
  process.stderr.write(`error: ${problem}\n`);
  process.exitCode = configError;
}

if (Number(process.versions.node.split('.')[0]) === pinnedMajor) {
  // Stripped and compiled once: 0.2 s less for every command. A folder that cannot be written is no harm.
  nodeModule.enableCompileCache(compileCache);
  await import(main);
} else {
  const { path, problem } = pinnedNode();
  if (path === undefined) fail(problem);
  else handOver(path);
}
