const KiB = 1024;
const MiB = 1024 * KiB;

/** Every socket may hold this much, however much the others do. */
const guaranteedBytes = 128 * KiB;
/** What all sockets of this process may hold beyond that. */
const sharedBytes = 128 * MiB;
/** What those of one isolate may. */
const isolateBytes = 32 * MiB;

/** Bytes that the sockets of one isolate hold in this process. */
export class IsolateSocketMemory {
  heldBytes = 0;
}

/**
 * Counts the bytes of messages that wait in this process: sent and not taken by the client, or
 * half received. No memory limit of an isolate sees them.
 */
export class SocketMemory {
  #heldBytes = 0;

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Counts a change of what one socket holds. Answers false when that is more than it may. */
  change(isolate: IsolateSocketMemory, held: { before: number; after: number }): boolean {
    const bytes = beyondGuarantee(held.after) - beyondGuarantee(held.before);
    this.#heldBytes += bytes;
    isolate.heldBytes += bytes;
    if (bytes <= 0) return true;
    return this.#heldBytes <= sharedBytes && isolate.heldBytes <= isolateBytes;
  }
}

function beyondGuarantee(bytes: number): number {
  return Math.max(0, bytes - guaranteedBytes);
}
