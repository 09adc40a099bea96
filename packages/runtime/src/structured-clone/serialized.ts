import type { List } from '../primordials.ts';

/**
 * A value between serialisation and deserialisation: primitives stand for themselves, objects are
 * one of these records. A record that is met twice is one object with two references.
 */
export type Serialized = string | number | bigint | boolean | null | undefined | SerializedObject;

export type SerializedObject =
  | SerializedBuffer
  | SerializedCollection
  | SerializedError
  | SerializedLeaf
  | SerializedMove
  | SerializedProperties
  | SerializedView;

interface Record {
  /** The object once it has been made. */
  restored: object | undefined;
}

/** An object that refers to no other. */
interface SerializedLeaf extends Record {
  readonly kind: 'leaf';
  readonly restore: () => object;
}

/** A platform object that is transferred. */
export interface SerializedMove extends Record {
  readonly kind: 'move';
  /** Undefined until the object has been moved. */
  restore: (() => object) | undefined;
}

export interface SerializedBuffer extends Record {
  readonly kind: 'buffer';
  /** A buffer of its own; undefined until a transferred one has been moved. */
  buffer: ArrayBuffer | undefined;
}

export interface SerializedView extends Record {
  readonly kind: 'view';
  /** Of the typed array's class, or `DataView`. */
  readonly name: string;
  readonly buffer: SerializedObject;
  readonly byteOffset: number;
  readonly length: number;
}

export interface SerializedError extends Record {
  readonly kind: 'error';
  readonly name: string;
  readonly message: string | undefined;
  readonly stack: string | undefined;
  readonly hasCause: boolean;
  cause: Serialized;
}

export interface SerializedCollection extends Record {
  readonly kind: 'map' | 'set';
  /** Items of a set; keys and values of a map in turn. */
  readonly items: List<Serialized>;
}

export interface SerializedProperties extends Record {
  readonly kind: 'array' | 'object';
  /** Of an array. */
  readonly length: number;
  readonly keys: List<string>;
  readonly values: List<Serialized>;
}
