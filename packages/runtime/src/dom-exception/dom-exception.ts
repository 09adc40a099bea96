import { Error, ReflectDeleteProperty } from '../primordials.ts';
import { toDomString } from '../webidl/convert.ts';
import { defineConstants, defineInterface } from '../webidl/define-interface.ts';

/** The names that have a code, at that index. Empty: the code has no name any more. */
const names = [
  '',
  'IndexSizeError',
  '',
  'HierarchyRequestError',
  'WrongDocumentError',
  'InvalidCharacterError',
  '',
  'NoModificationAllowedError',
  'NotFoundError',
  'NotSupportedError',
  'InUseAttributeError',
  'InvalidStateError',
  'SyntaxError',
  'InvalidModificationError',
  'NamespaceError',
  'InvalidAccessError',
  '',
  'TypeMismatchError',
  'SecurityError',
  'NetworkError',
  'AbortError',
  'URLMismatchError',
  'QuotaExceededError',
  'TimeoutError',
  'InvalidNodeTypeError',
  'DataCloneError',
] as const;

let domExceptionStateOf: (exception: DOMException) => {
  readonly name: string;
  readonly message: string;
};
let isDomException: (value: object) => value is DOMException;

/** https://webidl.spec.whatwg.org/#idl-DOMException. It has the stack of any error. */
export class DOMException extends Error {
  readonly #name: string;
  readonly #message: string;

  constructor(message: unknown = '', name: unknown = 'Error') {
    const text = toDomString(message);
    const nameText = toDomString(name);
    super(text);
    this.#name = nameText;
    this.#message = text;
    // Only the stack's first line needs it: the standard's property is the prototype's.
    ReflectDeleteProperty(this, 'message');
  }

  override get name(): string {
    return this.#name;
  }

  override get message(): string {
    return this.#message;
  }

  get code(): number {
    for (let code = 1; code < names.length; code += 1) {
      if (names[code] === this.#name) return this.#name === '' ? 0 : code;
    }
    return 0;
  }

  static {
    domExceptionStateOf = (exception) => ({ name: exception.#name, message: exception.#message });
    isDomException = (value): value is DOMException => #name in value;
    defineInterface(this, 'DOMException');
    defineConstants(this, [
      ['INDEX_SIZE_ERR', 1],
      ['DOMSTRING_SIZE_ERR', 2],
      ['HIERARCHY_REQUEST_ERR', 3],
      ['WRONG_DOCUMENT_ERR', 4],
      ['INVALID_CHARACTER_ERR', 5],
      ['NO_DATA_ALLOWED_ERR', 6],
      ['NO_MODIFICATION_ALLOWED_ERR', 7],
      ['NOT_FOUND_ERR', 8],
      ['NOT_SUPPORTED_ERR', 9],
      ['INUSE_ATTRIBUTE_ERR', 10],
      ['INVALID_STATE_ERR', 11],
      ['SYNTAX_ERR', 12],
      ['INVALID_MODIFICATION_ERR', 13],
      ['NAMESPACE_ERR', 14],
      ['INVALID_ACCESS_ERR', 15],
      ['VALIDATION_ERR', 16],
      ['TYPE_MISMATCH_ERR', 17],
      ['SECURITY_ERR', 18],
      ['NETWORK_ERR', 19],
      ['ABORT_ERR', 20],
      ['URL_MISMATCH_ERR', 21],
      ['QUOTA_EXCEEDED_ERR', 22],
      ['TIMEOUT_ERR', 23],
      ['INVALID_NODE_TYPE_ERR', 24],
      ['DATA_CLONE_ERR', 25],
    ]);
  }
}

export { domExceptionStateOf, isDomException };
