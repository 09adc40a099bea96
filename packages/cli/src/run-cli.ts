import { AppError, exitCodes, messageOf } from '@openworkers/core';
import { CommanderError } from 'commander';
import { CliContext, type CliWorld } from './cli-context.ts';
import { CliError, fromAppError, usageError } from './cli-error.ts';
import { commandWords, nouns, topLevelCommands } from './commands/commands.ts';
import { configPath, readConfigFile } from './config-file/config-file.ts';
import { programName } from './program-name.ts';
import { buildProgram } from './program.ts';

/**
 * Runs one command line (without program name) and answers the exit code: 0 done, 1 failed, 2 the
 * command line is wrong, 78 a setting is.
 */
export async function runCli(
  args: readonly string[],
  world: CliWorld,
  version: string,
): Promise<number> {
  const isJson = args.includes('--json');
  try {
    await runCommandLine(args, { world, version });
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version were asked for; everything else it has already explained.
      return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    }
    const failure = toCliError(error);
    world.terminal.err(isJson ? jsonFailure(failure) : textFailure(failure));
    return failure.exitCode;
  }
}

async function runCommandLine(
  args: readonly string[],
  { world, version }: { world: CliWorld; version: string },
): Promise<void> {
  const words = commandWords();
  const { aliasName, rest } = await splitAlias(args, { words, world });
  const program = buildProgram({
    version,
    terminal: world.terminal,
    topLevelCommands,
    nouns,
    async run(command, input, { isJson }) {
      const context = new CliContext(world, { aliasName, isJson, commandWords: words });
      try {
        await command.run(context, input);
      } finally {
        await context.close();
      }
    },
  });
  await program.parseAsync(rest, { from: 'user' });
}

/** The first word is an alias when it is no command and such an alias exists. */
async function splitAlias(
  args: readonly string[],
  { words, world }: { words: ReadonlySet<string>; world: CliWorld },
): Promise<{ aliasName: string | undefined; rest: readonly string[] }> {
  const [first] = args;
  if (first === undefined || first.startsWith('-') || words.has(first)) {
    return { aliasName: undefined, rest: args };
  }
  const config = await readConfigFile(configPath(world.env, world.home));
  if (!Object.hasOwn(config.aliases, first)) {
    throw usageError(
      `there is no command and no alias "${first}"`,
      `${programName(world.env)} --help`,
    );
  }
  return { aliasName: first, rest: args.slice(1) };
}

function toCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof AppError) return fromAppError(error);
  return new CliError(messageOf(error), { code: 'internal', cause: error });
}

function textFailure({ message, next }: CliError): string {
  return `error: ${message}\n${next === undefined ? '' : `next: ${next}\n`}`;
}

/** The shape of the API's errors, so that a program reads one kind. */
function jsonFailure({ message, code, details, next }: CliError): string {
  return `${JSON.stringify({ error: message, code, details, next })}\n`;
}
