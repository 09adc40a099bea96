import type { CliContext } from './cli-context.ts';

/** A command as data; `program.ts` turns it into something that parses a command line. */
export interface Command {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** Shown below the options: examples, and what a newcomer needs to know. */
  readonly help?: string;
  readonly arguments?: readonly Argument[];
  readonly options?: readonly Option[];
  run(context: CliContext, input: CommandInput): Promise<void>;
}

interface Argument {
  readonly name: string;
  readonly summary: string;
  /** Whether it may be left out; only the last one may. */
  readonly isOptional?: boolean;
}

interface Option {
  /** As commander reads it: `-m, --message <text>`, or `--yes` for a switch. */
  readonly flags: string;
  readonly summary: string;
  readonly isHidden?: boolean;
}

/** Commands that act on one kind of thing: `ow workers …`. */
export interface Noun {
  readonly name: string;
  /** The first is shown in the help, the others just work. */
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly commands: readonly Command[];
}

/** What was typed behind the command's name. */
export class CommandInput {
  readonly #arguments: ReadonlyMap<string, string>;
  readonly #options: Readonly<Record<string, unknown>>;

  constructor(args: ReadonlyMap<string, string>, options: Readonly<Record<string, unknown>>) {
    this.#arguments = args;
    this.#options = options;
  }

  argument(name: string): string {
    const value = this.#arguments.get(name);
    if (value === undefined) throw new Error(`the command has no argument ${name}`);
    return value;
  }

  /** Undefined when it was left out. */
  optionalArgument(name: string): string | undefined {
    return this.#arguments.get(name);
  }

  /** Value of an option, by its long name in camel case. */
  option(name: string): string | undefined {
    const value = this.#options[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** Whether a switch was given. */
  has(name: string): boolean {
    return this.#options[name] === true;
  }
}
