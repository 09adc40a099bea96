import { Command as Parser, Option as ParserOption } from 'commander';
import { CommandInput, type Command, type Noun } from './command.ts';
import type { Terminal } from './terminal.ts';

interface ProgramOptions {
  readonly version: string;
  readonly terminal: Terminal;
  readonly topLevelCommands: readonly Command[];
  readonly nouns: readonly Noun[];
  /** Runs the command that was typed. */
  run(command: Command, input: CommandInput, options: { isJson: boolean }): Promise<void>;
}

const help = `
The first word may be an alias: \`ow production workers list\`. Without one, the default alias counts.
On a new machine: start the platform with \`npm start\`, then \`ow workers create hello\`.`;

/** Turns commands into a parser that throws `CommanderError` instead of ending the process. */
export function buildProgram(options: ProgramOptions): Parser {
  const program = new Parser('ow')
    .description('OpenWorkers: run JavaScript and TypeScript workers on your own machines')
    .usage('[ALIAS] COMMAND')
    .version(options.version, '-v, --version', 'print the version')
    .option('--json', 'print data as JSON')
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => options.terminal.out(text),
      writeErr: (text) => options.terminal.err(text),
    })
    .addHelpText('after', help);
  for (const command of options.topLevelCommands) addCommand(program, command, options);
  for (const noun of options.nouns) {
    const group = program.command(noun.name).aliases(noun.aliases).description(noun.summary);
    for (const command of noun.commands) addCommand(group, command, options);
  }
  return program;
}

function addCommand(parent: Parser, command: Command, options: ProgramOptions): void {
  const parser = parent
    .command(command.name)
    .aliases(command.aliases ?? [])
    .description(command.summary)
    .option('--json', 'print data as JSON');
  if (command.help !== undefined) parser.addHelpText('after', `\n${command.help}`);
  const names = (command.arguments ?? []).map(({ name, summary, isOptional = false }) => {
    parser.argument(isOptional ? `[${name}]` : `<${name}>`, summary);
    return name;
  });
  for (const { flags, summary, isHidden = false } of command.options ?? []) {
    parser.addOption(new ParserOption(flags, summary).hideHelp(isHidden));
  }
  parser.action(async () => {
    const given = parser.optsWithGlobals<Record<string, unknown>>();
    const values = new Map<string, string>();
    for (const [index, name] of names.entries()) {
      const value = parser.args[index];
      if (value !== undefined) values.set(name, value);
    }
    const input = new CommandInput(values, given);
    await options.run(command, input, { isJson: given['json'] === true });
  });
}
