import { AppError } from '@openworkers/core';
import type { Backend } from './backend/backend.ts';
import { openBackend } from './backend/open-backend.ts';
import { CliError, usageError } from './cli-error.ts';
import type { CommandInput } from './command.ts';
import { configPath, readConfigFile } from './config-file/config-file.ts';
import type { Alias, UserConfig } from './config-file/parse-config.ts';
import { programName } from './program-name.ts';
import type { Terminal } from './terminal.ts';

/** The world as this run of `ow` found it; tests make up their own. */
export interface CliWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  readonly terminal: Terminal;
}

export interface ChosenAlias {
  readonly name: string;
  readonly alias: Alias;
}

interface ContextOptions {
  readonly aliasName: string | undefined;
  readonly isJson: boolean;
  readonly commandWords: ReadonlySet<string>;
}

/** What a command works with. */
export class CliContext {
  readonly world: CliWorld;
  readonly isJson: boolean;
  readonly configPath: string;
  /** First words that are commands, and so cannot be aliases. */
  readonly commandWords: ReadonlySet<string>;
  readonly #aliasName: string | undefined;
  #backend: Backend | undefined;

  constructor(world: CliWorld, options: ContextOptions) {
    this.world = world;
    this.isJson = options.isJson;
    this.commandWords = options.commandWords;
    this.configPath = configPath(world.env, world.home);
    this.#aliasName = options.aliasName;
  }

  get terminal(): Terminal {
    return this.world.terminal;
  }

  /** Prints the answer: `value` as JSON with `--json`, else the text for people. */
  print(value: unknown, text: string): void {
    this.terminal.out(this.isJson ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`);
  }

  /** `ow`, or however it was started. */
  get program(): string {
    return programName(this.world.env);
  }

  /** A command line to type next, with the alias of this one. */
  commandLine(words: string): string {
    return [this.program, this.#aliasName, words].filter((part) => part !== undefined).join(' ');
  }

  readConfig(): Promise<UserConfig> {
    return readConfigFile(this.configPath);
  }

  /** The alias that was typed, if any. */
  get aliasName(): string | undefined {
    return this.#aliasName;
  }

  /**
   * The alias that was typed, else the default one.
   *
   * @throws CliError when there is neither
   */
  async chooseAlias(): Promise<ChosenAlias> {
    const config = await this.readConfig();
    const name = this.#aliasName ?? config.default;
    if (name === undefined) {
      throw usageError(
        'no alias specified and no default configured',
        `start a platform here (npm start), or name one: ${this.program} alias set NAME --db URL`,
      );
    }
    const alias = config.aliases[name];
    if (alias === undefined) {
      throw new AppError('alias_not_found', `there is no alias "${name}"`);
    }
    return { name, alias };
  }

  /**
   * Asks before something is destroyed, unless `--yes` was given.
   *
   * @throws CliError when the person declines, or when there is none to ask
   */
  async confirmDeletion(
    input: CommandInput,
    { question, command }: { question: string; command: string },
  ): Promise<void> {
    if (input.has('yes')) return;
    if (!this.terminal.isInteractive) {
      const next = this.commandLine(`${command} --yes`);
      throw usageError('delete asks for confirmation, and this is not a terminal', next);
    }
    if (await this.terminal.confirm(question)) return;
    throw new CliError('nothing was deleted', { code: 'declined' });
  }

  /** The platform behind the chosen alias; closed when the command ends. */
  async backend(): Promise<Backend> {
    this.#backend ??= await openBackend(await this.chooseAlias(), this.world);
    return this.#backend;
  }

  async close(): Promise<void> {
    await this.#backend?.close();
  }
}
