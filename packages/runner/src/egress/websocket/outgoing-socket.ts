import type { IncomingMessage } from 'node:http';
import { platformLimits } from '@openworkers/core';
import {
  channelCost,
  streamWindowBytes,
  type ChannelHandler,
  type PipeChannel,
} from '@openworkers/sandbox';
import WebSocket from 'ws';
import { describeFailure } from '../describe-failure.ts';
import { flatHeaders } from '../fetch/flat-headers.ts';

/** Kept of an answer that is no WebSocket. */
const maxRefusalBytes = 64 * 1024;
const maxControlFrames = platformLimits.webSocketControlFrames.tenant;

/** One connection to an origin, between its channel and its WebSocket. */
export class OutgoingSocket implements ChannelHandler {
  readonly #channel: PipeChannel;
  readonly #onOver: () => void;
  #socket: WebSocket | undefined;
  /** Given to the channel, and not left. */
  #unsent = 0;
  #isOpen = false;
  /** The origin answered with an ordinary response, which tells how it goes on. */
  #isRefused = false;
  /** Why there was no connection. */
  #connectError: string | undefined;
  #isFailure = false;
  #isOver = false;
  #controlFrames = 0;
  #controlSecond = 0;

  /** @param onOver Called once. */
  constructor(channel: PipeChannel, onOver: () => void) {
    this.#channel = channel;
    this.#onOver = onOver;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  connect(socket: WebSocket): void {
    this.#socket = socket;
    let headers = '';
    socket.on('upgrade', ({ rawHeaders }) => (headers = flatHeaders(rawHeaders) ?? ''));
    socket.on('open', () => {
      this.#isOpen = true;
      this.#channel.message(JSON.stringify({ status: 101, protocol: socket.protocol, headers }));
    });
    socket.on('unexpected-response', (_request, response) => this.#refused(response));
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    socket.on('ping', () => this.#onControl());
    socket.on('pong', () => this.#onControl());
    socket.on('error', (error) => this.#onError(error));
    socket.on('close', (code, reason) => this.#onClose(code, reason.toString('utf8')));
  }

  /** There will be no connection. */
  fail(message: string): void {
    if (this.#isOver) return;
    this.#channel.fail(message);
    this.error();
  }

  // What the isolate says.

  data(data: Buffer | string): void {
    const cost = channelCost('websocket', data.length);
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) {
      // It crossed the close on its way, or the sandbox does not wait for the handshake.
      this.#channel.grant(cost);
      return;
    }
    socket.send(data, { binary: typeof data !== 'string' }, () => this.#channel.grant(cost));
  }

  /** The worker closes the connection. */
  end(text: string): void {
    const close = readClose(text);
    if (close === undefined) this.#socket?.close();
    else this.#socket?.close(close.code, close.reason);
    this.#resume();
  }

  message(): void {
    // There is nothing to say beside messages.
  }

  /** The isolate, or its sandbox, does not want it any more. */
  error(): void {
    this.#finish();
    this.#socket?.terminate();
  }

  sent(bytes: number): void {
    this.#unsent -= bytes;
    if (this.#unsent < streamWindowBytes) this.#resume();
  }

  // What the origin says.

  #onMessage(data: WebSocket.RawData, isBinary: boolean): void {
    if (this.#isOver || !Buffer.isBuffer(data)) return;
    const message = isBinary ? data : data.toString('utf8');
    this.#unsent += channelCost('websocket', message.length);
    this.#channel.send(message);
    if (this.#unsent >= streamWindowBytes) this.#socket?.pause();
  }

  /** Given up before it was open, `ws` has nothing to resume, and throws. */
  #resume(): void {
    if (this.#isOpen) this.#socket?.resume();
  }

  #onControl(): void {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#controlSecond) {
      this.#controlSecond = second;
      this.#controlFrames = 0;
    }
    this.#controlFrames += 1;
    if (this.#controlFrames > maxControlFrames) this.#socket?.terminate();
  }

  #refused(response: IncomingMessage): void {
    this.#isRefused = true;
    const headers = flatHeaders(response.rawHeaders);
    const status = response.statusCode ?? 0;
    if (headers === undefined || status < 200 || status > 599) {
      this.fail('the response is not valid HTTP');
      return;
    }
    this.#channel.message(JSON.stringify({ status, protocol: '', headers }));
    let received = 0;
    response.on('data', (bytes: Buffer) => {
      const kept = bytes.subarray(0, maxRefusalBytes - received);
      received += kept.length;
      if (kept.length > 0 && !this.#isOver) this.#channel.send(kept);
      if (received === maxRefusalBytes) response.destroy();
    });
    response.on('error', () => undefined);
    response.on('close', () => {
      if (this.#isOver) return;
      this.#channel.end('');
      this.#finish();
    });
  }

  #onError(error: Error): void {
    if (this.#isOpen) this.#isFailure = true;
    else this.#connectError = describeHandshake(error);
  }

  #onClose(code: number, reason: string): void {
    if (this.#isOver || this.#isRefused) return;
    const wasClean = code !== 1006;
    const isFailure = this.#isFailure && !wasClean;
    if (this.#connectError !== undefined) this.#channel.fail(this.#connectError);
    else this.#channel.end(JSON.stringify({ code, reason, wasClean, isFailure }));
    this.#finish();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onOver();
  }
}

/** What `ws` itself found wrong, it says in words of its own; the rest is the network's. */
function describeHandshake(error: Error): string {
  if ('code' in error) return describeFailure(error);
  if (/timed out/.test(error.message)) return 'the origin did not answer in time';
  if (/closed before/.test(error.message)) return 'it was closed before the connection was made';
  return 'the origin did not complete the WebSocket handshake';
}

/** Undefined when there is no code to send. */
function readClose(text: string): { code: number; reason: string } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { code, reason } = value as { code?: unknown; reason?: unknown };
  if (typeof code !== 'number' || !isCloseCode(code)) return undefined;
  const isReason = typeof reason === 'string' && Buffer.byteLength(reason) <= 123;
  return { code, reason: isReason ? reason : '' };
}

function isCloseCode(code: number): boolean {
  if (!Number.isInteger(code) || code < 1000 || code > 4999) return false;
  return code >= 3000 || (code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006);
}
