import type { Command, Noun } from '../command.ts';
import { databases } from './databases/databases.ts';
import { env } from './env/env.ts';
import { kv } from './kv/kv.ts';
import { secrets } from './secrets/secrets.ts';
import { storage } from './storage/storage.ts';
import { alias } from './alias/alias.ts';
import { migrate } from './migrate/migrate.ts';
import { startCommand } from './start/start.ts';
import { workers } from './workers/workers.ts';

/** Everything `ow` can do; the help lists it in this order. */
export const topLevelCommands: readonly Command[] = [startCommand];
export const nouns: readonly Noun[] = [
  workers,
  env,
  kv,
  storage,
  databases,
  secrets,
  alias,
  migrate,
];

/** First words of a command line that are not an alias. */
export function commandWords(): ReadonlySet<string> {
  return new Set([
    'help',
    ...topLevelCommands.flatMap(({ name, aliases = [] }) => [name, ...aliases]),
    ...nouns.flatMap(({ name, aliases }) => [name, ...aliases]),
  ]);
}
