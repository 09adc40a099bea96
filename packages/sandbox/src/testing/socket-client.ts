import WebSocket from 'ws';
import { until } from './until.ts';

/** A WebSocket client that keeps all it hears. */
export class SocketClient {
  readonly socket: WebSocket;
  /** Text as strings, binary messages as buffers. */
  readonly messages: (string | Buffer)[] = [];
  /** Set when the connection is over: `code reason`. */
  ending: string | undefined;
  /** The status of an answer that was no upgrade. */
  refusedStatus: number | undefined;
  pongs = 0;

  constructor(
    port: number,
    host: string,
    options: { path?: string; protocols?: string[]; headers?: Record<string, string> } = {},
  ) {
    const { path = '/', protocols = [], headers } = options;
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, {
      headers: { ...headers, host },
      perMessageDeflate: true,
      maxPayload: 64 * 1024 * 1024,
    });
    this.socket.on('message', (data, isBinary) => {
      if (!Buffer.isBuffer(data)) throw new Error('ws gives buffers by default');
      this.messages.push(isBinary ? data : data.toString());
    });
    this.socket.on('pong', () => (this.pongs += 1));
    this.socket.on('unexpected-response', (request, response) => {
      this.refusedStatus = response.statusCode;
      request.destroy();
      this.ending ??= 'refused';
    });
    // `close` follows.
    this.socket.on('error', () => undefined);
    this.socket.on('close', (code, reason) => {
      this.ending ??= `${code} ${reason.toString()}`;
    });
  }

  async open(): Promise<this> {
    await until(
      () => this.socket.readyState === WebSocket.OPEN || this.ending !== undefined,
      () => 'the connection to open',
    );
    if (this.ending !== undefined) {
      throw new Error(`not opened: ${this.ending} ${this.refusedStatus ?? ''}`);
    }
    return this;
  }

  /** Waits until so many messages have arrived, and answers them. */
  async hears(count: number): Promise<(string | Buffer)[]> {
    await until(
      () => this.messages.length >= count || this.ending !== undefined,
      () => `${count} messages; heard ${this.messages.length}`,
    );
    return this.messages;
  }

  async hearsEnd(): Promise<string> {
    await until(
      () => this.ending !== undefined,
      () => 'the end of the connection',
    );
    return this.ending ?? '';
  }
}
