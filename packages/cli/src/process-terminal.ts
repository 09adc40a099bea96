import { confirm, isCancel } from '@clack/prompts';
import type { Terminal } from './terminal.ts';

/** The terminal (or pipes) this process was started with. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    isInteractive: stdin.isTTY && stderr.isTTY,
    hasColors: stderr.isTTY && stderr.hasColors(),
    async confirm(question) {
      const answer = await confirm({ message: question, initialValue: false, output: stderr });
      return !isCancel(answer) && answer;
    },
  };
}
