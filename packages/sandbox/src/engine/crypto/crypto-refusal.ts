/** Why an operation failed, as worker code is told: the name of the exception and a message. */
export class CryptoRefusal extends Error {
  override readonly name: ExceptionName;

  constructor(name: ExceptionName, message: string) {
    super(message);
    this.name = name;
  }
}

/** Names of https://webidl.spec.whatwg.org/#idl-DOMException-error-names that Web Crypto uses. */
const names = [
  'DataError',
  'InvalidAccessError',
  'NotSupportedError',
  'OperationError',
  'SyntaxError',
  'TypeError',
] as const;

type ExceptionName = (typeof names)[number];

const longestMessage = 200;

/** `name: message`, as the runtime reads it. Anything that Web Crypto does not throw is an OperationError. */
export function refusalText(error: unknown): string {
  if (error instanceof Error) {
    const name = names.find((each) => each === error.name);
    // Node's own errors have a code; what they say is about Node.
    const isStandard = error instanceof CryptoRefusal || error instanceof DOMException;
    if (name !== undefined && isStandard) {
      return `${name}: ${error.message.slice(0, longestMessage)}`;
    }
    if (name === 'TypeError') return 'TypeError: An argument is not of the right type';
  }
  return 'OperationError: The operation failed for an operation-specific reason';
}
