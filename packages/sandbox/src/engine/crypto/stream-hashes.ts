import { createHash, type Hash } from 'node:crypto';
import { asRecord } from '../../protocol/read-json.ts';
import type { CpuAccount } from '../cpu-account.ts';
import { CryptoRefusal } from './crypto-refusal.ts';
import { nodeHash, toArrayBuffer } from './inline-operations.ts';
import { bytesOutcome, type Plan } from './plan.ts';

const hashes: readonly unknown[] = ['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];
/** Streams that one event may have under way. */
const mostStreams = 64;
/** The runtime sends less. */
const mostBytes = 1024 * 1024;

/** The states of the hashes behind the isolates' `DigestStream`s. They end with their event. */
export class StreamHashes {
  readonly #hashes = new WeakMap<CpuAccount, Map<number, Hash>>();

  /** One step of a stream; throws when it makes no sense. */
  plan(account: CpuAccount, json: unknown, bytes: unknown): Plan {
    if (typeof json !== 'string' || json.length > 1024 || !(bytes instanceof ArrayBuffer)) {
      throw malformed();
    }
    const { id, hash, isFirst, step } = asRecord(JSON.parse(json), 'step');
    if (typeof id !== 'number' || typeof hash !== 'string' || !hashes.includes(hash)) {
      throw malformed();
    }
    if (bytes.byteLength > mostBytes) throw malformed();
    return {
      now: () => {
        const state = this.#hashOf(account, id, isFirst === true ? hash : undefined);
        state.update(new Uint8Array(bytes));
        if (step !== 'finish') return { kind: 'boolean', value: true };
        this.#hashes.get(account)?.delete(id);
        return bytesOutcome(toArrayBuffer(state.digest()));
      },
    };
  }

  #hashOf(account: CpuAccount, id: number, newHash: string | undefined): Hash {
    let streams = this.#hashes.get(account);
    if (streams === undefined) {
      streams = new Map();
      this.#hashes.set(account, streams);
    }
    if (newHash === undefined) return streams.get(id) ?? fail();
    if (streams.size >= mostStreams) {
      throw new CryptoRefusal('OperationError', `More than ${mostStreams} digest streams`);
    }
    const hash = createHash(nodeHash(newHash));
    streams.set(id, hash);
    return hash;
  }
}

function fail(): never {
  throw malformed();
}

function malformed(): CryptoRefusal {
  return new CryptoRefusal('OperationError', 'The request is malformed');
}
