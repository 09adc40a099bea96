import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SandboxExit, SandboxProcess } from '@openworkers/sandbox';

/** A frame as it comes over the pipe. */
export interface RawFrame {
  readonly type: number;
  readonly id: number;
  readonly payload: string;
}

/** Stands where a sandbox process stands after an attacker took it over: says what the test wants. */
export class HostileSandbox {
  readonly process: SandboxProcess;
  readonly received: RawFrame[] = [];
  readonly #socket: Socket;
  readonly #exited = Promise.withResolvers<SandboxExit>();
  #isKilled = false;

  private constructor(near: Socket, far: Socket) {
    this.#socket = near;
    this.process = {
      pid: 999_999,
      stream: far,
      exited: this.#exited.promise,
      handOver: (_id, _socket, onSent) => onSent(null),
      kill: () => {
        this.#isKilled = true;
        this.die({ code: null, signal: 'SIGKILL' });
      },
    };
    let rest: Buffer = Buffer.alloc(0);
    near.on('data', (bytes: Buffer) => {
      rest = this.#takeFrames(Buffer.concat([rest, bytes]));
    });
    near.on('error', () => undefined);
  }

  static async connect(): Promise<HostileSandbox> {
    const folder = mkdtempSync(join(tmpdir(), 'ow-hostile-'));
    const server = createServer().listen(join(folder, 'pipe'));
    await once(server, 'listening');
    const near = connect(join(folder, 'pipe'));
    // The event of a listening server carries one socket.
    const [far] = (await once(server, 'connection')) as [Socket];
    server.close();
    rmSync(folder, { recursive: true });
    return new HostileSandbox(near, far);
  }

  get isKilled(): boolean {
    return this.#isKilled;
  }

  say(type: number, id: number, payload: unknown): void {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const bytes = Buffer.from(text);
    const header = Buffer.alloc(9);
    header.writeUInt32LE(bytes.length, 0);
    header.writeUInt8(type, 4);
    header.writeUInt32LE(id, 5);
    this.sayRaw(Buffer.concat([header, bytes]));
  }

  sayRaw(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** What is under way still arrives. */
  die(exit: SandboxExit): void {
    this.#socket.end();
    this.#exited.resolve(exit);
  }

  #takeFrames(bytes: Buffer): Buffer {
    let at = 0;
    while (bytes.length - at >= 9) {
      const length = bytes.readUInt32LE(at);
      if (bytes.length - at - 9 < length) break;
      this.received.push({
        type: bytes.readUInt8(at + 4),
        id: bytes.readUInt32LE(at + 5),
        payload: bytes.toString('utf8', at + 9, at + 9 + length),
      });
      at += 9 + length;
    }
    return bytes.subarray(at);
  }
}
