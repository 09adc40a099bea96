import { CpuAccount } from './cpu-account.ts';

/**
 * The CPU time of one message of a WebSocket: each has an allowance of its own, as a request has.
 * What the worker goes on doing for the event afterwards is charged to the event.
 */
export class MessageAccount extends CpuAccount {
  readonly #onDone: (account: MessageAccount) => void;

  /** @param eventId The event that the isolate knows the socket by. */
  constructor(eventId: number, limitMs: number, onDone: (account: MessageAccount) => void) {
    super(eventId, limitMs);
    this.#onDone = onDone;
  }

  override onIdle(): void {
    this.#onDone(this);
  }
}
