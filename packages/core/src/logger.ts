import { pino, type Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;

export interface LoggerOptions {
  /** Name of the role that writes, e.g. `runner`. */
  role: string;
  level?: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Where lines go; standard output when left out. */
  destination?: { write(line: string): void };
}

/** A JSON-lines logger. Log constant messages and put data into fields; never bodies or secrets. */
export function createLogger({ role, level = 'info', destination }: LoggerOptions): Logger {
  const options = { level, base: { role, pid: process.pid } };
  return destination === undefined ? pino(options) : pino(options, destination);
}
