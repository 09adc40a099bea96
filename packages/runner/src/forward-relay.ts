import type { ForwardedHead, PipeStream, StreamHandler } from '@openworkers/sandbox';

/** The end of a pipe that can be asked to run a request. */
export interface RelayTarget {
  /** Undefined when it can take no more. */
  openIncoming(head: ForwardedHead, handler: StreamHandler): PipeStream | undefined;
}

type RequestEvent =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'reset'; readonly reason: 'aborted' | 'timeout' | 'too_large' };

/**
 * One request on its way from the sandbox that has the client to the sandbox that has the worker.
 * Bodies stream both ways; each side is granted as much as the other side has taken, so at most
 * one window per direction waits here.
 */
export class ForwardRelay {
  readonly #head: ForwardedHead;
  /** What came before there was a target. */
  #early: RequestEvent[] = [];
  #client: PipeStream | undefined;
  #worker: PipeStream | undefined;
  #onOver: (() => void) | undefined;
  #isOver = false;

  constructor(head: ForwardedHead) {
    this.#head = head;
  }

  /** For the stream from the client's sandbox; `attachClient` must follow at once. */
  readonly clientHandler: StreamHandler = {
    data: (bytes) => this.#toWorker({ kind: 'data', bytes }),
    end: () => this.#toWorker({ kind: 'end' }),
    reset: (reason) => {
      if (reason !== 'unwanted') this.#toWorker({ kind: 'reset', reason });
    },
    sent: (bytes) => this.#worker?.grant(bytes),
    clientGone: () => {
      this.#worker?.leave();
      this.#finish();
    },
    // Only an origin hears these, and towards the client this side is the executor.
    response: () => undefined,
    failure: () => undefined,
  };

  readonly #workerHandler: StreamHandler = {
    response: (head) => {
      // The client's sandbox would take what follows for its client's connection.
      if (head.status === 101 && !this.#head.isUpgrade) {
        this.#worker?.leave();
        this.fail('SandboxLost');
        return;
      }
      this.#client?.respond(head);
      if (!head.hasBody) this.#finish();
    },
    failure: (failure) => {
      this.#client?.fail(failure);
      this.#finish();
    },
    data: (bytes) => this.#client?.send(bytes),
    end: () => {
      this.#client?.end();
      this.#finish();
    },
    reset: (reason) => {
      if (reason === 'unwanted') {
        this.#client?.refuseRest();
        return;
      }
      this.#client?.reset(reason);
      this.#finish();
    },
    sent: (bytes) => this.#client?.grant(bytes),
    // Only an executor hears this.
    clientGone: () => undefined,
  };

  attachClient(stream: PipeStream): void {
    this.#client = stream;
  }

  /** Sends the request on its way; `onOver` is called once when nothing more will come of it. */
  start(target: RelayTarget, onOver: () => void): void {
    this.#onOver = onOver;
    if (this.#isOver) {
      onOver();
      return;
    }
    this.#worker = target.openIncoming(this.#head, this.#workerHandler);
    if (this.#worker === undefined) {
      this.fail('Overloaded');
      return;
    }
    for (const event of this.#early.splice(0)) this.#toWorker(event);
  }

  /** There is no target. */
  fail(reason: 'SandboxLost' | 'Overloaded'): void {
    this.#client?.fail({ reason });
    this.#finish();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#early = [];
    this.#onOver?.();
  }

  #toWorker(event: RequestEvent): void {
    if (this.#isOver) return;
    if (this.#worker === undefined) this.#early.push(event);
    else if (event.kind === 'data') this.#worker.send(event.bytes);
    else if (event.kind === 'end') this.#worker.end();
    else this.#worker.reset(event.reason);
  }
}
