/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import {
  Error,
  ObjectDefineProperty,
  ObjectSetPrototypeOf,
  DateNow,
  SymbolToStringTag,
  ReflectGet,
  String,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
} from '../primordials.ts';
import type { CurrentEvent } from '../dispatch/current-event.ts';
import { formatArguments } from './format.ts';
import { inspect } from './inspect.ts';
import type { LogLevel, LogWriter } from './log-writer.ts';
import { formatTable } from './table.ts';

/** https://console.spec.whatwg.org/, with the levels and methods that Node and Workers have. */
export function createConsole(writer: LogWriter, current: CurrentEvent): object {
  const print = (level: LogLevel, args: readonly unknown[]): void =>
    writer.write(level, formatArguments(args, writer.budget));
  const openGroup = (args: readonly unknown[]): void => {
    if (args.length > 0) print('log', args);
    const state = current.event.console;
    if (state.indent.length < maxIndent) state.indent += '  ';
  };
  const console = {
    assert(condition: unknown = false, ...args: unknown[]): void {
      if (condition) return;
      const text = formatArguments(args, writer.budget);
      writer.write('error', text === '' ? 'Assertion failed' : `Assertion failed: ${text}`);
    },
    clear(): void {
      current.event.console.indent = '';
    },
    debug: (...args: unknown[]): void => print('debug', args),
    error: (...args: unknown[]): void => print('error', args),
    info: (...args: unknown[]): void => print('info', args),
    log: (...args: unknown[]): void => print('log', args),
    table(data: unknown = undefined, columns: unknown = undefined): void {
      writer.write('log', formatTable(data, columns) ?? formatArguments([data], writer.budget));
    },
    trace(...args: unknown[]): void {
      const text = formatArguments(args, writer.budget);
      writer.write('trace', `Trace${text === '' ? '' : `: ${text}`}\n${callerStack()}`);
    },
    warn: (...args: unknown[]): void => print('warn', args),
    dir(value: unknown = undefined): void {
      writer.write('log', inspect(value, writer.budget));
    },
    dirxml: (...args: unknown[]): void => print('log', args),
    ...createCounters(writer, current),
    group: (...args: unknown[]): void => openGroup(args),
    groupCollapsed: (...args: unknown[]): void => openGroup(args),
    groupEnd(): void {
      const state = current.event.console;
      state.indent = StringPrototypeSlice(state.indent, 2);
    },
    ...createTimers(writer, current),
  };
  // https://console.spec.whatwg.org/#console-namespace: for the sake of old programs.
  ObjectSetPrototypeOf(console, {});
  ObjectDefineProperty(console, SymbolToStringTag, {
    __proto__: null,
    value: 'console',
    configurable: true,
  } as object);
  return console;
}

const maxIndent = 40;
const maxLabels = 1000;

function createCounters(writer: LogWriter, current: CurrentEvent): object {
  return {
    count(label: unknown = 'default'): void {
      const { counts } = current.event.console;
      const name = String(label);
      const count = (counts.get(name) ?? 0) + 1;
      if (counts.size < maxLabels) counts.set(name, count);
      writer.write('log', `${name}: ${count}`);
    },
    countReset(label: unknown = 'default'): void {
      const name = String(label);
      if (current.event.console.counts.delete(name)) return;
      writer.write('warn', `Count for '${name}' does not exist`);
    },
  };
}

function createTimers(writer: LogWriter, current: CurrentEvent): object {
  const report = (label: unknown, args: readonly unknown[]): string | undefined => {
    const name = String(label);
    const startedAt = current.event.console.timers.get(name);
    if (startedAt === undefined) {
      writer.write('warn', `Timer '${name}' does not exist`);
      return undefined;
    }
    const rest = formatArguments(args, writer.budget);
    writer.write('log', `${name}: ${DateNow() - startedAt}ms${rest === '' ? '' : ` ${rest}`}`);
    return name;
  };
  return {
    time(label: unknown = 'default'): void {
      const { timers } = current.event.console;
      const name = String(label);
      if (timers.has(name)) writer.write('warn', `Timer '${name}' already exists`);
      else if (timers.size < maxLabels) timers.set(name, DateNow());
    },
    timeEnd(label: unknown = 'default'): void {
      const name = report(label, []);
      if (name !== undefined) current.event.console.timers.delete(name);
    },
    timeLog(label: unknown = 'default', ...args: unknown[]): void {
      report(label, args);
    },
  };
}

/** The stack without the lines of this file. */
function callerStack(): string {
  const stack: unknown = ReflectGet(new Error(), 'stack');
  if (typeof stack !== 'string') return '';
  const first = StringPrototypeIndexOf(stack, '\n');
  const second = StringPrototypeIndexOf(stack, '\n', first + 1);
  const third = StringPrototypeIndexOf(stack, '\n', second + 1);
  return StringPrototypeSlice(stack, third + 1);
}
