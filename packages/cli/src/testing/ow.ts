import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../run-cli.ts';

interface OwResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Ow {
  /** Working folder of the commands, with the config file `config.json` in it. */
  readonly folder: string;
  readonly configPath: string;
  run(...args: string[]): Promise<OwResult>;
  /** The same with something piped in. */
  runWithInput(input: string, ...args: string[]): Promise<OwResult>;
  /** The same at a terminal where a person answers questions. */
  runAtTerminal(answer: boolean, ...args: string[]): Promise<OwResult>;
  dispose(): void;
}

/** `ow` in this process, with a config file and a folder of its own. */
export function createOw(env: Record<string, string> = {}): Ow {
  const folder = mkdtempSync(join(tmpdir(), 'ow-cli-'));
  const configPath = join(folder, 'config.json');
  const run = async (
    args: string[],
    answer: boolean | undefined,
    input = '',
  ): Promise<OwResult> => {
    let stdout = '';
    let stderr = '';
    const terminal = {
      out: (text: string) => void (stdout += text),
      err: (text: string) => void (stderr += text),
      isInteractive: answer !== undefined,
      hasColors: false,
      confirm: async (question: string) => {
        stderr += `${question}\n`;
        return answer ?? false;
      },
      askHidden: async (question: string) => {
        stderr += `${question}\n`;
        return answer === true ? 'typed by a person' : undefined;
      },
      readInput: async () => Buffer.from(input),
    };
    const world = { env: { ...env, OW_CONFIG: configPath }, cwd: folder, home: folder, terminal };
    const code = await runCli(args, world, '1.2.3');
    return { code, stdout, stderr };
  };
  return {
    folder,
    configPath,
    run: (...args) => run(args, undefined),
    runWithInput: (input, ...args) => run(args, undefined, input),
    runAtTerminal: (answer, ...args) => run(args, answer),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Replaces what differs from run to run. */
export function stable(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<id>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/\b[0-9a-f]{64}\b/g, '<hash>')
    .replaceAll(/\([0-9a-f]{16}\)/g, '(<hash>)')
    .replaceAll(/(start-up\s+|"startupMs": )[\d.]+/g, '$1<n>');
}
