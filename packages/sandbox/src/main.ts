import { Socket } from 'node:net';
import { createWorkerEngine } from './engine/create-engine.ts';
import { becomeUser } from './process/become-user.ts';
import { FramedPipe, maxFrameBytes } from './protocol/framed-pipe.ts';
import { decodeJsonAndText } from './protocol/json-and-text.ts';
import { frameTypes, type BootMessage, type SocketMessage } from './protocol/messages.ts';
import { ProtocolError } from './protocol/protocol-error.ts';
import { Sandbox } from './sandbox.ts';

/** Which descriptor the private pipe is; see `spawnSandbox`. */
const pipeDescriptor = 4;

/** The sandbox process. All its code is loaded when this runs, so it can give up reading files. */
function main(): void {
  becomeUser(process.argv[2]);
  let sandbox: Sandbox | undefined;
  const pipe = new FramedPipe({
    stream: new Socket({ fd: pipeDescriptor, readable: true, writable: true }),
    maxIncomingBytes: maxFrameBytes.fromRunner,
    onFrame: (type, id, payload) => {
      if (sandbox !== undefined) return sandbox.handleFrame(type, id, payload);
      if (type !== frameTypes.boot) throw new ProtocolError('the first frame is not boot');
      sandbox = bootSandbox(pipe, payload);
      pipe.send(frameTypes.ready, 0);
    },
    onClose: (error) => {
      if (error !== undefined) process.stderr.write(`${error.stack ?? error.message}\n`);
      endProcess();
    },
  });
  process.on('message', (message: unknown, handle: unknown) => {
    if (!(handle instanceof Socket)) return;
    if (sandbox === undefined) handle.destroy();
    // The sandbox trusts the runner.
    else sandbox.acceptSocket(message as SocketMessage, handle);
  });
  process.on('disconnect', endProcess);
}

function bootSandbox(pipe: FramedPipe, payload: Buffer): Sandbox {
  const { message, text: runtimeScript } = decodeJsonAndText(payload);
  // The sandbox trusts the runner.
  const boot = message as BootMessage;
  const { memoryBudgetBytes, spareIsolates } = boot;
  return new Sandbox({
    boot,
    pipe,
    createEngine: (options) =>
      createWorkerEngine({ ...options, runtimeScript, memoryBudgetBytes, spareIsolates }),
  });
}

/** Without its runner a sandbox is nothing. `process.exit` would wait for a stuck isolate's thread. */
function endProcess(): void {
  process.kill(process.pid, 'SIGKILL');
}

main();
