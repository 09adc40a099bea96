import { once } from 'node:events';
import WebSocket from 'ws';
import { until } from './until.ts';

/** A WebSocket on a worker, which keeps the text it hears. */
export interface SocketClient {
  readonly socket: WebSocket;
  readonly messages: string[];
  /** `code reason` once the connection is over. */
  ending(): string | undefined;
  hears(count: number): Promise<string[]>;
  hearsEnd(): Promise<string>;
}

export async function openSocket(port: number, worker: string): Promise<SocketClient> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, {
    headers: { host: `${worker}.localhost` },
  });
  const messages: string[] = [];
  let ending: string | undefined;
  socket.on('message', (data: Buffer) => messages.push(data.toString()));
  socket.on('error', () => undefined);
  socket.on('close', (code, reason) => (ending = `${code} ${reason.toString()}`));
  await once(socket, 'open');
  const timeoutMs = 10_000;
  return {
    socket,
    messages,
    ending: () => ending,
    hears: async (count) => {
      await until(() => messages.length >= count, { timeoutMs, what: `${count} messages` });
      return messages;
    },
    hearsEnd: async () => {
      await until(() => ending !== undefined, { timeoutMs, what: 'the end of the connection' });
      return ending ?? '';
    },
  };
}
