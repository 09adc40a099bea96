import { exitCodes } from '@openworkers/core';
import { CliError } from '../cli-error.ts';

export interface EndedRun {
  readonly role: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last of what it printed on stderr. */
  readonly stderr: string;
  readonly logFile: string;
}

/** Why a role could not be started; a wrong setting has been explained by the role itself. */
export function startFailure({ role, code, signal, stderr, logFile }: EndedRun): CliError {
  const lines = stderr.trim().split('\n');
  const lastLine = lines.at(-1) ?? '';
  if (code === exitCodes.config && lastLine !== '') {
    return new CliError(lastLine.replace(/^error: /, ''), {
      exitCode: exitCodes.config,
      code: 'invalid_config',
    });
  }
  const telling = lines.find((line) => /Error\b|\bERROR\b/.test(line)) ?? lastLine;
  const reason = telling === '' ? '' : `: ${telling.trim()}`;
  return new CliError(`${role} ended with ${signal ?? code} while starting${reason}`, {
    next: `read ${logFile}`,
  });
}
