/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { DateNow } from '../primordials.ts';
import { isObject, requireArguments, toDictionary, toUsvString } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { toInteger } from '../webidl/integers.ts';
import { Blob } from './blob.ts';

/** What a File adds to its Blob. */
interface FileState {
  readonly name: string;
  readonly lastModified: number;
}

let fileStateOf: (file: File) => FileState;
let isFile: (value: unknown) => value is File;

/** https://w3c.github.io/FileAPI/#file-section */
export class File extends Blob {
  readonly #name: string;
  readonly #lastModified: number;

  constructor(parts: unknown, name: unknown, options: unknown = undefined) {
    requireArguments(arguments.length, 2, 'File constructor');
    super(parts, options);
    this.#name = toUsvString(name);
    const { lastModified } = toDictionary<'lastModified'>(options, 'File constructor');
    this.#lastModified = lastModified === undefined ? DateNow() : toInteger(lastModified);
  }

  get name(): string {
    return this.#name;
  }

  get lastModified(): number {
    return this.#lastModified;
  }

  static {
    fileStateOf = (file) => ({ name: file.#name, lastModified: file.#lastModified });
    isFile = (value): value is File => isObject(value) && #name in value;
    defineInterface(this, 'File');
  }
}

export { fileStateOf, isFile };
