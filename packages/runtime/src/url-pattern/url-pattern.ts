/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { ObjectDefineProperty, TypeError } from '../primordials.ts';
import { isObject, toDictionary, toUsvString } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { parseUrl } from '../url/url-parser.ts';
import { compilePattern, type CompiledPattern } from './compile-pattern.ts';
import { componentNames, ComponentTexts, type ComponentName } from './component-texts.ts';
import type { Component, GroupValues } from './component.ts';
import { processUrl } from './process-init.ts';

/** https://urlpattern.spec.whatwg.org/#urlpattern */
export class URLPattern {
  readonly #pattern: CompiledPattern;

  constructor(input: unknown = undefined, second: unknown = undefined, third: unknown = undefined) {
    const given = toInput(input);
    // WebIDL's overload resolution: (input, options), or (input, baseURL, options).
    const hasBase =
      arguments.length > 2 || (second !== undefined && second !== null && !isObject(second));
    const base = hasBase ? toUsvString(second) : undefined;
    const options = toDictionary<'ignoreCase'>(hasBase ? third : second, 'URLPattern constructor');
    this.#pattern = compilePattern(given, base, !!options.ignoreCase);
  }

  test(input: unknown = undefined, baseURL: unknown = undefined): boolean {
    const pattern = this.#pattern;
    const subject = subjectOf(toInput(input), toBase(baseURL));
    if (subject === undefined) return false;
    for (let i = 0; i < componentNames.length; i += 1) {
      const name = componentNames[i];
      if (name !== undefined && pattern[name].match(subject[name] ?? '') === undefined)
        return false;
    }
    return true;
  }

  exec(input: unknown = undefined, baseURL: unknown = undefined): object | null {
    const pattern = this.#pattern;
    const given = toInput(input);
    const base = toBase(baseURL);
    const subject = subjectOf(given, base);
    if (subject === undefined) return null;
    const result = { inputs: inputsOf(given, base) };
    for (let i = 0; i < componentNames.length; i += 1) {
      const name = componentNames[i];
      if (name === undefined) continue;
      const text = subject[name] ?? '';
      const groups = pattern[name].match(text);
      if (groups === undefined) return null;
      define(result, name, { input: text, groups: groupsOf(pattern[name], groups) });
    }
    return result;
  }

  get protocol(): string {
    return this.#pattern.protocol.pattern;
  }

  get username(): string {
    return this.#pattern.username.pattern;
  }

  get password(): string {
    return this.#pattern.password.pattern;
  }

  get hostname(): string {
    return this.#pattern.hostname.pattern;
  }

  get port(): string {
    return this.#pattern.port.pattern;
  }

  get pathname(): string {
    return this.#pattern.pathname.pattern;
  }

  get search(): string {
    return this.#pattern.search.pattern;
  }

  get hash(): string {
    return this.#pattern.hash.pattern;
  }

  get hasRegExpGroups(): boolean {
    const pattern = this.#pattern;
    for (let i = 0; i < componentNames.length; i += 1) {
      const name = componentNames[i];
      if (name !== undefined && pattern[name].hasRegexpGroups) return true;
    }
    return false;
  }

  static {
    defineInterface(this, 'URLPattern');
  }
}

/** WebIDL's `(USVString or URLPatternInit)`. */
function toInput(value: unknown): string | ComponentTexts {
  if (value !== undefined && value !== null && !isObject(value)) return toUsvString(value);
  const members = toDictionary<ComponentName | 'baseURL'>(value, 'URLPattern');
  const texts = new ComponentTexts();
  // In the order of WebIDL: each may run the worker's code.
  texts.baseURL = toText(members.baseURL);
  texts.hash = toText(members.hash);
  texts.hostname = toText(members.hostname);
  texts.password = toText(members.password);
  texts.pathname = toText(members.pathname);
  texts.port = toText(members.port);
  texts.protocol = toText(members.protocol);
  texts.search = toText(members.search);
  texts.username = toText(members.username);
  return texts;
}

function toText(value: unknown): string | undefined {
  return value === undefined ? undefined : toUsvString(value);
}

function toBase(value: unknown): string | undefined {
  return toText(value);
}

/** What is to be matched, by component; undefined when it is not a URL. */
function subjectOf(
  input: string | ComponentTexts,
  base: string | undefined,
): Readonly<Record<ComponentName, string | undefined>> | undefined {
  if (typeof input !== 'string') {
    if (base !== undefined) throw new TypeError('A base URL is only for a text; see baseURL');
    try {
      return processUrl(input);
    } catch {
      // What cannot be part of a URL matches nothing.
      return undefined;
    }
  }
  const baseUrl = base === undefined ? undefined : parseUrl(base, undefined);
  if (base !== undefined && baseUrl === undefined) return undefined;
  const url = parseUrl(input, baseUrl);
  if (url === undefined) return undefined;
  const subject = new ComponentTexts();
  subject.protocol = url.scheme;
  subject.username = url.username;
  subject.password = url.password;
  subject.hostname = url.host ?? '';
  subject.port = url.port === null ? '' : `${url.port}`;
  subject.pathname = url.path;
  subject.search = url.query ?? '';
  subject.hash = url.fragment ?? '';
  return subject;
}

function inputsOf(input: string | ComponentTexts, base: string | undefined): unknown[] {
  const first = typeof input === 'string' ? input : dictionaryOf(input);
  return base === undefined ? [first] : [first, base];
}

const memberNames = [
  'baseURL',
  'hash',
  'hostname',
  'password',
  'pathname',
  'port',
  'protocol',
  'search',
  'username',
] as const;

function dictionaryOf(texts: ComponentTexts): object {
  const dictionary = {};
  for (let i = 0; i < memberNames.length; i += 1) {
    const name = memberNames[i];
    if (name !== undefined && texts[name] !== undefined) define(dictionary, name, texts[name]);
  }
  return dictionary;
}

function groupsOf(component: Component, values: GroupValues): object {
  const groups = {};
  for (let i = 0; i < component.names.length; i += 1) {
    define(groups, component.names[i] ?? '', values[i]);
  }
  return groups;
}

/** Without a look at `Object.prototype`: a group may be named `__proto__`. */
function define(target: object, name: string, value: unknown): void {
  const descriptor = { __proto__: null, value, ...writable };
  ObjectDefineProperty(target, name, descriptor);
}

const writable = { writable: true, enumerable: true, configurable: true };
