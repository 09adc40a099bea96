/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { ReflectApply, ReflectGet, SymbolIterator, TypeError } from '../primordials.ts';
import { isObject, requireArguments } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { aliasIterator, definePairIterator } from '../webidl/pair-iterator.ts';
import { toPairs } from '../webidl/to-pairs.ts';
import { HeaderList } from './header-list.ts';
import { toByteString, toHeaderName, toHeaderValue } from './header-syntax.ts';

let listOf: (headers: Headers) => HeaderList;
let isHeaders: (value: unknown) => value is Headers;

/**
 * https://fetch.spec.whatwg.org/#headers-class. Those of an incoming request are immutable; names
 * that browsers forbid are not, as this is a server.
 */
export class Headers {
  readonly #list: HeaderList;

  /** @param init The runtime's own lists are wrapped, anything else is a `HeadersInit`. */
  constructor(init: unknown = undefined) {
    if (HeaderList.is(init)) this.#list = init;
    else {
      this.#list = new HeaderList('', false);
      fillHeaders(this.#list, init);
    }
  }

  append(name: unknown, value: unknown): void {
    requireArguments(arguments.length, 2, 'Headers.append');
    const key = toHeaderName(name);
    const text = toHeaderValue(value);
    requireMutable(this.#list);
    this.#list.append(key, text);
  }

  delete(name: unknown): void {
    requireArguments(arguments.length, 1, 'Headers.delete');
    const key = toHeaderName(name);
    requireMutable(this.#list);
    this.#list.delete(key);
  }

  get(name: unknown): string | null {
    requireArguments(arguments.length, 1, 'Headers.get');
    return this.#list.get(toHeaderName(name)) ?? null;
  }

  getSetCookie(): string[] {
    return this.#list.getAll('set-cookie');
  }

  has(name: unknown): boolean {
    requireArguments(arguments.length, 1, 'Headers.has');
    return this.#list.has(toHeaderName(name));
  }

  set(name: unknown, value: unknown): void {
    requireArguments(arguments.length, 2, 'Headers.set');
    const key = toHeaderName(name);
    const text = toHeaderValue(value);
    requireMutable(this.#list);
    this.#list.set(key, text);
  }

  entries(): IterableIterator<unknown> {
    return iterate(this.#self(), 'entries');
  }

  forEach(callback: unknown, thisArgument: unknown = undefined): void {
    requireArguments(arguments.length, 1, 'Headers.forEach');
    if (typeof callback !== 'function') throw new TypeError('The callback is not a function');
    for (let i = 0; ; i += 1) {
      const pair = this.#list.sorted()[i];
      if (pair === undefined) return;
      ReflectApply(callback, thisArgument, [pair[1], pair[0], this]);
    }
  }

  keys(): IterableIterator<unknown> {
    return iterate(this.#self(), 'keys');
  }

  values(): IterableIterator<unknown> {
    return iterate(this.#self(), 'values');
  }

  /** Throws for a `this` that is not a Headers. */
  #self(): this {
    return this;
  }

  static {
    listOf = (headers): HeaderList => headers.#list;
    isHeaders = (value): value is Headers => isObject(value) && #list in value;
    defineInterface(this, 'Headers');
    aliasIterator(this.prototype);
  }
}

const iterate = definePairIterator<Headers>('Headers', (headers, i) => listOf(headers).sorted()[i]);
/** Headers whose iteration was not changed can be copied without iterating. */
const originalEntries: unknown = ReflectGet(Headers.prototype, SymbolIterator);

/** https://fetch.spec.whatwg.org/#concept-headers-fill */
export function fillHeaders(list: HeaderList, init: unknown): void {
  if (init === undefined) return;
  if (!isObject(init)) throw new TypeError('Headers: the init is neither a sequence nor a record');
  if (isHeaders(init) && ReflectGet(init, SymbolIterator) === originalEntries) {
    const pairs = listOf(init).sorted();
    for (let i = 0; i < pairs.length; i += 1) {
      const pair = pairs[i];
      if (pair !== undefined) list.append(pair[0], pair[1]);
    }
    return;
  }
  const pairs = toPairs(init, toByteString);
  for (let i = 0; i < pairs.length; i += 1) {
    const pair = pairs[i];
    if (pair !== undefined) list.append(toHeaderName(pair[0]), toHeaderValue(pair[1]));
  }
}

function requireMutable(list: HeaderList): void {
  if (list.isImmutable) throw new TypeError("Can't modify immutable headers.");
}

export { isHeaders };
