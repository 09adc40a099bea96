/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { listToArray, newList, ReflectApply, TypeError, type List } from '../primordials.ts';
import { isObject, requireArguments, toUsvString } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { aliasIterator, definePairIterator } from '../webidl/pair-iterator.ts';
import { blobStateOf, isBlob, type Blob } from './blob.ts';
import { File, isFile } from './file.ts';

export type FormDataEntry = readonly [name: string, value: string | File];

let entriesOf: (formData: FormData) => List<FormDataEntry>;
let isFormData: (value: unknown) => value is FormData;

/** https://xhr.spec.whatwg.org/#interface-formdata */
export class FormData {
  #entries = newList<FormDataEntry>();

  constructor(form: unknown = undefined) {
    if (form !== undefined) throw new TypeError('FormData: there are no HTML forms in a worker');
  }

  append(name: unknown, value: unknown, filename: unknown = undefined): void {
    requireArguments(arguments.length, 2, 'FormData.append');
    const entries = this.#entries;
    entries[entries.length] = toEntry(name, value, filename, arguments.length);
  }

  delete(name: unknown): void {
    requireArguments(arguments.length, 1, 'FormData.delete');
    const key = toUsvString(name);
    this.#entries = filter(this.#entries, (entry) => entry[0] !== key);
  }

  get(name: unknown): string | File | null {
    requireArguments(arguments.length, 1, 'FormData.get');
    const key = toUsvString(name);
    return filter(this.#entries, (entry) => entry[0] === key)[0]?.[1] ?? null;
  }

  getAll(name: unknown): (string | File)[] {
    requireArguments(arguments.length, 1, 'FormData.getAll');
    const key = toUsvString(name);
    const entries = filter(this.#entries, (entry) => entry[0] === key);
    const values = newList<string | File>();
    for (let i = 0; i < entries.length; i += 1) values[i] = entries[i]?.[1] ?? '';
    return listToArray(values);
  }

  has(name: unknown): boolean {
    requireArguments(arguments.length, 1, 'FormData.has');
    const key = toUsvString(name);
    return filter(this.#entries, (entry) => entry[0] === key).length > 0;
  }

  set(name: unknown, value: unknown, filename: unknown = undefined): void {
    requireArguments(arguments.length, 2, 'FormData.set');
    const replacement = toEntry(name, value, filename, arguments.length);
    const kept = newList<FormDataEntry>();
    let isSet = false;
    for (let i = 0; i < this.#entries.length; i += 1) {
      const entry = this.#entries[i];
      if (entry === undefined) continue;
      if (entry[0] !== replacement[0]) kept[kept.length] = entry;
      else if (!isSet) {
        kept[kept.length] = replacement;
        isSet = true;
      }
    }
    if (!isSet) kept[kept.length] = replacement;
    this.#entries = kept;
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
    requireArguments(arguments.length, 1, 'FormData.forEach');
    if (typeof callback !== 'function') throw new TypeError('The callback is not a function');
    for (let i = 0; i < this.#entries.length; i += 1) {
      const entry = this.#entries[i];
      if (entry === undefined) return;
      ReflectApply(callback, thisArgument, [entry[1], entry[0], this]);
    }
  }

  /** Throws for a `this` that is not a FormData. */
  #self(): this {
    return this;
  }

  static {
    entriesOf = (formData) => formData.#entries;
    isFormData = (value): value is FormData => isObject(value) && #entries in value;
    defineInterface(this, 'FormData');
    aliasIterator(this.prototype);
  }
}

const iterate = definePairIterator<FormData>('FormData', (formData, i) => entriesOf(formData)[i]);

function filter(
  entries: List<FormDataEntry>,
  isWanted: (entry: FormDataEntry) => boolean,
): List<FormDataEntry> {
  const kept = newList<FormDataEntry>();
  for (let i = 0; i < entries.length; i += 1) {
    const entry = entries[i];
    if (entry !== undefined && isWanted(entry)) kept[kept.length] = entry;
  }
  return kept;
}

/** https://xhr.spec.whatwg.org/#create-an-entry, with the choice of overload before it. */
function toEntry(name: unknown, value: unknown, filename: unknown, given: number): FormDataEntry {
  const key = toUsvString(name);
  if (!isBlob(value)) {
    // The overload with a file name takes Blobs only.
    if (given > 2) throw new TypeError('FormData: the value is no Blob');
    return [key, toUsvString(value)];
  }
  return [key, toFile(value, filename === undefined ? undefined : toUsvString(filename))];
}

function toFile(blob: Blob, filename: string | undefined): File {
  if (filename === undefined && isFile(blob)) return blob;
  const name = filename ?? 'blob';
  return new File(blobStateOf(blob), name);
}

export { entriesOf, isFormData };
