import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** One thing that must be true of the repository; each runs in a process of its own. */
interface Check {
  readonly name: string;
  readonly command: readonly string[];
}

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string): string => `node_modules/.bin/${name}`;
const script = (name: string): string[] => [process.execPath, `scripts/${name}.ts`];

const checks: readonly Check[] = [
  { name: 'types', command: [bin('tsc'), '-p', '.'] },
  { name: 'types inside the isolate', command: [bin('tsc'), '-p', 'packages/runtime'] },
  { name: 'lint', command: [bin('oxlint'), '--type-aware', '--deny-warnings', '.'] },
  { name: 'format', command: [bin('prettier'), '--check', '--log-level', 'warn', '.'] },
  { name: 'dead code', command: [bin('knip')] },
  { name: 'import directions', command: script('check-imports') },
  { name: 'generated docs', command: [...script('generate-docs'), '--check'] },
  { name: 'row-level security', command: script('check-rls') },
];

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const chosen = wanted.length === 0 ? checks : checks.filter(({ name }) => wanted.includes(name));
  let failed = 0;
  for (const check of chosen) {
    const startedAt = performance.now();
    const { code, output } = await run(check.command);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(`${code === 0 ? 'ok  ' : 'FAIL'} ${check.name} (${seconds} s)\n`);
    if (code !== 0) {
      failed += 1;
      process.stdout.write(`${output}\n`);
    }
  }
  process.exitCode = failed === 0 ? 0 : 1;
}

function run([command = '', ...args]: readonly string[]): Promise<{
  code: number;
  output: string;
}> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-100_000);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

await main();
