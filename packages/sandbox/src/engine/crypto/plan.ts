import { CryptoRefusal } from './crypto-refusal.ts';
import type { HeldKey } from './held-key.ts';
import type { KeyUsage } from './read-request.ts';

/** What an operation makes; `plan` is the next step to it. */
export type Outcome =
  | { readonly kind: 'bytes'; readonly bytes: ArrayBuffer }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'json'; readonly json: string }
  | { readonly kind: 'keys'; readonly keys: readonly HeldKey[] }
  | { readonly kind: 'plan'; readonly plan: Plan };

/** How an operation is done: here, on a thread, or, when there are both, as this thread has time. */
export interface Plan {
  readonly now?: () => Outcome | Promise<Outcome>;
  readonly later?: () => Promise<Outcome>;
  /** `later` may take a good part of a second. */
  readonly isLong?: boolean;
}

/** More than this is processed on a thread. */
export const mostBytesNow = 16 * 1024;

export function bytesOutcome(bytes: ArrayBuffer): Outcome {
  return { kind: 'bytes', bytes };
}

export function keyOutcome(key: HeldKey): Outcome {
  return { kind: 'keys', keys: [key] };
}

/** The runtime has checked it: whoever broke the runtime gains nothing. */
export function requireKey(key: HeldKey, algorithmName: string, usage: KeyUsage): void {
  if (key.name !== algorithmName || !key.attributes.usages.includes(usage)) {
    throw new CryptoRefusal('InvalidAccessError', 'The key is not for this operation');
  }
}

export function requireExtractable(key: HeldKey): void {
  if (!key.attributes.extractable) {
    throw new CryptoRefusal('InvalidAccessError', 'The key is not extractable');
  }
}
