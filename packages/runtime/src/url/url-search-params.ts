/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import {
  StringPrototypeCharAt,
  ArrayPrototypeSort,
  listToArray,
  newList,
  ReflectApply,
  StringPrototypeSlice,
  TypeError,
  type List,
} from '../primordials.ts';
import { isObject, requireArguments, toUsvString } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { aliasIterator, definePairIterator } from '../webidl/pair-iterator.ts';
import { toPairs } from '../webidl/to-pairs.ts';
import { parseUrlencoded, serializeUrlencoded, type Parameter } from './urlencoded.ts';

/** Told when the parameters have changed. */
type QueryChanged = (query: string | null) => void;

let isURLSearchParams: (value: unknown) => value is URLSearchParams;
let parametersOf: (params: URLSearchParams) => List<Parameter>;
let replaceParameters: (params: URLSearchParams, query: string) => void;
let onQueryChanged: (params: URLSearchParams, changed: QueryChanged) => void;

/** https://url.spec.whatwg.org/#interface-urlsearchparams */
export class URLSearchParams {
  #parameters: List<Parameter>;
  #changed: QueryChanged | undefined;

  constructor(init: unknown = '') {
    if (isObject(init)) this.#parameters = toPairs(init, toUsvString);
    else {
      const text = toUsvString(init);
      this.#parameters = parseUrlencoded(
        StringPrototypeCharAt(text, 0) === '?' ? StringPrototypeSlice(text, 1) : text,
      );
    }
  }

  get size(): number {
    return this.#parameters.length;
  }

  append(name: unknown, value: unknown): void {
    requireArguments(arguments.length, 2, 'URLSearchParams.append');
    const parameters = this.#parameters;
    parameters[parameters.length] = [toUsvString(name), toUsvString(value)];
    this.#update();
  }

  delete(name: unknown, value: unknown = undefined): void {
    requireArguments(arguments.length, 1, 'URLSearchParams.delete');
    const matches = matcher(name, value);
    const kept = newList<Parameter>();
    for (let i = 0; i < this.#parameters.length; i += 1) {
      const parameter = this.#parameters[i];
      if (parameter !== undefined && !matches(parameter)) kept[kept.length] = parameter;
    }
    this.#parameters = kept;
    this.#update();
  }

  get(name: unknown): string | null {
    requireArguments(arguments.length, 1, 'URLSearchParams.get');
    const matches = matcher(name, undefined);
    for (let i = 0; i < this.#parameters.length; i += 1) {
      const parameter = this.#parameters[i];
      if (parameter !== undefined && matches(parameter)) return parameter[1];
    }
    return null;
  }

  getAll(name: unknown): string[] {
    requireArguments(arguments.length, 1, 'URLSearchParams.getAll');
    const matches = matcher(name, undefined);
    const values = newList<string>();
    for (let i = 0; i < this.#parameters.length; i += 1) {
      const parameter = this.#parameters[i];
      if (parameter !== undefined && matches(parameter)) values[values.length] = parameter[1];
    }
    return listToArray(values);
  }

  has(name: unknown, value: unknown = undefined): boolean {
    requireArguments(arguments.length, 1, 'URLSearchParams.has');
    const matches = matcher(name, value);
    for (let i = 0; i < this.#parameters.length; i += 1) {
      const parameter = this.#parameters[i];
      if (parameter !== undefined && matches(parameter)) return true;
    }
    return false;
  }

  set(name: unknown, value: unknown): void {
    requireArguments(arguments.length, 2, 'URLSearchParams.set');
    const replacement: Parameter = [toUsvString(name), toUsvString(value)];
    const kept = newList<Parameter>();
    let isSet = false;
    for (let i = 0; i < this.#parameters.length; i += 1) {
      const parameter = this.#parameters[i];
      if (parameter === undefined || (isSet && parameter[0] === replacement[0])) continue;
      const isFirst = parameter[0] === replacement[0];
      kept[kept.length] = isFirst ? replacement : parameter;
      isSet ||= isFirst;
    }
    if (!isSet) kept[kept.length] = replacement;
    this.#parameters = kept;
    this.#update();
  }

  sort(): void {
    // Strings compare by code units, and sorting is stable: both as the standard asks.
    ArrayPrototypeSort(this.#parameters, (a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    this.#update();
  }

  entries(): IterableIterator<unknown> {
    return iterate(this.#self(), 'entries');
  }

  keys(): IterableIterator<unknown> {
    return iterate(this.#self(), 'keys');
  }

  values(): IterableIterator<unknown> {
    return iterate(this.#self(), 'values');
  }

  forEach(callback: unknown, thisArgument: unknown = undefined): void {
    requireArguments(arguments.length, 1, 'URLSearchParams.forEach');
    if (typeof callback !== 'function') throw new TypeError('The callback is not a function');
    for (let i = 0; i < this.#parameters.length; i += 1) {
      const parameter = this.#parameters[i];
      if (parameter === undefined) return;
      ReflectApply(callback, thisArgument, [parameter[1], parameter[0], this]);
    }
  }

  toString(): string {
    return serializeUrlencoded(this.#parameters);
  }

  #update(): void {
    if (this.#changed === undefined) return;
    const query = serializeUrlencoded(this.#parameters);
    this.#changed(query === '' ? null : query);
  }

  /** Throws for a `this` that is not a URLSearchParams. */
  #self(): this {
    return this;
  }

  static {
    isURLSearchParams = (value): value is URLSearchParams =>
      isObject(value) && #parameters in value;
    parametersOf = (params) => params.#parameters;
    replaceParameters = (params, query) => {
      params.#parameters = parseUrlencoded(query);
    };
    onQueryChanged = (params, changed) => {
      params.#changed = changed;
    };
    defineInterface(this, 'URLSearchParams');
    aliasIterator(this.prototype);
  }
}

const iterate = definePairIterator<URLSearchParams>(
  'URLSearchParams',
  (params, i) => parametersOf(params)[i],
);

function matcher(name: unknown, value: unknown): (parameter: Parameter) => boolean {
  const wantedName = toUsvString(name);
  if (value === undefined) return (parameter) => parameter[0] === wantedName;
  const wantedValue = toUsvString(value);
  return (parameter) => parameter[0] === wantedName && parameter[1] === wantedValue;
}

export { isURLSearchParams, onQueryChanged, parametersOf, replaceParameters };
