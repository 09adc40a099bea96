import { connect, type Socket } from 'node:net';
import { until } from './until.ts';

/** A TCP client that says exactly what a test wants and keeps all it hears. */
export class RawClient {
  readonly socket: Socket;
  isEnded = false;
  isReset = false;
  #received = Buffer.alloc(0);

  constructor(port: number, options: { allowHalfOpen?: boolean } = {}) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, ...options });
    this.socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
    this.socket.on('end', () => {
      this.isEnded = true;
    });
    this.socket.on('error', () => {
      this.isReset = true;
    });
  }

  get text(): string {
    return this.#received.toString('latin1');
  }

  get receivedBytes(): number {
    return this.#received.length;
  }

  send(data: string | Uint8Array): void {
    this.socket.write(data);
  }

  /** Waits for the text to arrive and answers everything received so far. */
  async hears(expected: string | RegExp): Promise<string> {
    await until(
      () =>
        typeof expected === 'string' ? this.text.includes(expected) : expected.test(this.text),
      () => `to hear ${String(expected)}; heard:\n${this.text}`,
    );
    return this.text;
  }

  /** Waits for the other side to close, and answers everything received. */
  async hearsEnd(): Promise<string> {
    await until(
      () => this.isEnded || this.isReset,
      () => `the end of the connection; heard:\n${this.text}`,
    );
    return this.text;
  }

  /** Forgets what was heard. */
  clear(): void {
    this.#received = Buffer.alloc(0);
  }

  close(): void {
    this.socket.destroy();
  }
}
