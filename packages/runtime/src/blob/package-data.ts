import { decodeMarked } from '../encoding/decode-marked.ts';
import { encodingOf } from '../encoding/encoding-labels.ts';
import { stringFromUnits } from '../encoding/string-from-units.ts';
import { TypedArrayPrototypeBuffer, Uint8ArrayPrototypeToBase64 } from '../primordials.ts';
import type { BlobState } from './blob.ts';
import { parameterOf } from './content-type.ts';

/** What a FileReader makes of a blob: https://w3c.github.io/FileAPI/#packaging-data */
export type PackageData = (blob: BlobState) => string | ArrayBuffer;

export function asArrayBuffer({ bytes }: BlobState): ArrayBuffer {
  return TypedArrayPrototypeBuffer(bytes.copy());
}

export function asBinaryString({ bytes }: BlobState): string {
  return stringFromUnits(bytes.view(), 0, bytes.length);
}

export function asDataUrl({ bytes, type }: BlobState): string {
  const base64 = Uint8ArrayPrototypeToBase64(bytes.view());
  return `data:${type === '' ? 'application/octet-stream' : type};base64,${base64}`;
}

/** @param label Of an encoding; one that is unknown leaves the choice to the blob's type. */
export function asText({ bytes, type }: BlobState, label: string | undefined): string {
  const charset = parameterOf(type, 'charset');
  const encoding =
    (label === undefined ? undefined : encodingOf(label)) ??
    (charset === undefined ? undefined : encodingOf(charset)) ??
    'utf-8';
  return decodeMarked(bytes.view(), bytes.length, encoding);
}
