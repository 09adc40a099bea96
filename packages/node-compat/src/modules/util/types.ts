/* Without the engine's help some of these go by what a value says of itself, as `Symbol.toStringTag`. */

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function hasTag(tag: string): (value: unknown) => boolean {
  return (value) => isObject(value) && tagOf(value) === tag;
}

/** Whether the getter or method, which looks at the internals of its `this`, accepts the value. */
function accepts(check: (value: never) => unknown): (value: unknown) => boolean {
  return (value) => {
    if (!isObject(value)) return false;
    try {
      // The check is there to refuse.
      check(value as never);
      return true;
    } catch {
      // The value is of another kind.
      return false;
    }
  };
}

function getterOf(prototype: object, name: string | symbol): (value: never) => unknown {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  return (value) => descriptor?.get?.call(value);
}

/* oxlint-disable typescript/unbound-method -- called with a `this` of unknown kind */
function methodOf(method: (this: never, ...args: never) => unknown): (value: never) => unknown {
  return (value) => Reflect.apply(method, value, []);
}

export const isArrayBuffer = accepts(getterOf(ArrayBuffer.prototype, 'byteLength'));
export const isDate = accepts(methodOf(Date.prototype.getTime));
export const isMap = accepts(getterOf(Map.prototype, 'size'));
export const isSet = accepts(getterOf(Set.prototype, 'size'));
export const isNumberObject = accepts(methodOf(Number.prototype.valueOf));
export const isStringObject = accepts(methodOf(String.prototype.valueOf));
export const isBooleanObject = accepts(methodOf(Boolean.prototype.valueOf));
export const isBigIntObject = accepts(methodOf(BigInt.prototype.valueOf));
export const isSymbolObject = accepts(methodOf(Symbol.prototype.valueOf));
export const isWeakMap = accepts((value) => WeakMap.prototype.has.call(value, {}));
export const isWeakSet = accepts((value) => WeakSet.prototype.has.call(value, {}));
/* oxlint-enable typescript/unbound-method */
export const isRegExp = hasTag('RegExp');
export const isPromise = hasTag('Promise');
export const isGeneratorObject = hasTag('Generator');
export const isMapIterator = hasTag('Map Iterator');
export const isSetIterator = hasTag('Set Iterator');
export const isModuleNamespaceObject = hasTag('Module');
export const isArgumentsObject = hasTag('Arguments');
export const isCryptoKey = hasTag('CryptoKey');

export function isNativeError(value: unknown): boolean {
  return Error.isError(value);
}

const asyncTags = ['AsyncFunction', 'AsyncGeneratorFunction'];
export function isAsyncFunction(value: unknown): boolean {
  return typeof value === 'function' && asyncTags.includes(tagOf(value));
}

const generatorTags = ['GeneratorFunction', 'AsyncGeneratorFunction'];
export function isGeneratorFunction(value: unknown): boolean {
  return typeof value === 'function' && generatorTags.includes(tagOf(value));
}

export function isBoxedPrimitive(value: unknown): boolean {
  const checks = [isNumberObject, isStringObject, isBooleanObject, isBigIntObject, isSymbolObject];
  return checks.some((check) => check(value));
}

const never = (): boolean => false;
export const isExternal = never;
export const isKeyObject = never;
/** A proxy cannot be told from its target here. */
export const isProxy = never;
export const isSharedArrayBuffer = never;
export function isAnyArrayBuffer(value: unknown): boolean {
  return isArrayBuffer(value);
}

export function isArrayBufferView(value: unknown): boolean {
  return ArrayBuffer.isView(value);
}
const typedArrayName = getterOf(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
);

export function isDataView(value: unknown): boolean {
  return ArrayBuffer.isView(value) && !isTypedArray(value);
}

export function isTypedArray(value: unknown): boolean {
  return ArrayBuffer.isView(value) && typedArrayName(value as never) !== undefined;
}

function isTyped(name: string): (value: unknown) => boolean {
  return (value) => ArrayBuffer.isView(value) && typedArrayName(value as never) === name;
}

export const isBigInt64Array = isTyped('BigInt64Array');
export const isBigUint64Array = isTyped('BigUint64Array');
export const isFloat16Array = isTyped('Float16Array');
export const isFloat32Array = isTyped('Float32Array');
export const isFloat64Array = isTyped('Float64Array');
export const isInt16Array = isTyped('Int16Array');
export const isInt32Array = isTyped('Int32Array');
export const isInt8Array = isTyped('Int8Array');
export const isUint16Array = isTyped('Uint16Array');
export const isUint32Array = isTyped('Uint32Array');
export const isUint8Array = isTyped('Uint8Array');
export const isUint8ClampedArray = isTyped('Uint8ClampedArray');
