import { connectionChangeBytes, type ConnectionState } from '../protocol/connection-changes.ts';
import type { FramedPipe } from '../protocol/framed-pipe.ts';
import { frameTypes } from '../protocol/messages.ts';

/** Collects what happened to connections in one turn of the event loop, for one frame. */
export class ConnectionReport {
  readonly #pipe: FramedPipe;
  #changes = Buffer.allocUnsafeSlow(1024 * connectionChangeBytes);
  #fill = 0;

  constructor(pipe: FramedPipe) {
    this.#pipe = pipe;
  }

  add(socketId: number, state: ConnectionState): void {
    if (this.#fill === this.#changes.length) this.flush();
    this.#changes.writeUInt32LE(socketId, this.#fill);
    this.#changes.writeUInt8(state, this.#fill + 4);
    this.#fill += connectionChangeBytes;
  }

  flush(): void {
    if (this.#fill === 0) return;
    const changes = this.#changes.subarray(0, this.#fill);
    // Short payloads are copied into the frame, so the buffer can be used again; see FramedPipe.send.
    this.#pipe.send(frameTypes.connections, 0, this.#fill > 4096 ? Buffer.from(changes) : changes);
    this.#fill = 0;
  }
}
