import { confirm, isCancel, password } from '@clack/prompts';
import { AppError } from '@openworkers/core';
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
    async askHidden(question) {
      const answer = await password({ message: question, output: stderr });
      return isCancel(answer) ? undefined : answer;
    },
    async readInput(maxBytes) {
      const parts: Buffer[] = [];
      let size = 0;
      for await (const part of stdin) {
        const bytes: Buffer = Buffer.from(part);
        size += bytes.length;
        if (size > maxBytes) {
          throw new AppError('invalid_input', `the input is larger than ${maxBytes} bytes`);
        }
        parts.push(bytes);
      }
      return Buffer.concat(parts);
    },
  };
}
