import type { ChildProcess } from 'node:child_process';

/** What a child may say over IPC beyond acknowledging sockets (`{"cmd":"NODE_HANDLE_ACK"}`). */
const freeBytes = 4096;
const bytesPerSocket = 64;

interface ChannelHandle {
  onread: (this: unknown, buffer: ArrayBuffer | undefined) => void;
  pendingHandle: unknown;
}

/**
 * Node's IPC reads lines of any length and accepts handles from the child; the parent of a hostile
 * one must do neither. The channel carries only acknowledgements of sockets, so it is enough to
 * count: one byte too many, or a handle, and `onViolation` is called instead of Node's reader.
 *
 * @param socketsSent how many sockets the child was sent so far
 * @throws Error when this version of Node keeps its channel elsewhere
 */
export function guardIpcChannel(
  child: ChildProcess,
  { socketsSent, onViolation }: { socketsSent: () => number; onViolation: () => void },
): void {
  const channel = channelHandleOf(child);
  const readAsNode = channel.onread;
  let received = 0;
  channel.onread = function onread(buffer) {
    received += buffer?.byteLength ?? 0;
    if (received > freeBytes + bytesPerSocket * socketsSent() || hasHandle(channel)) {
      onViolation();
      return;
    }
    readAsNode.call(this, buffer);
  };
}

function hasHandle({ pendingHandle }: ChannelHandle): boolean {
  return pendingHandle !== null && pendingHandle !== undefined;
}

/** The libuv pipe of the channel; Node keeps it under a private symbol. */
function channelHandleOf(child: ChildProcess): ChannelHandle {
  for (const symbol of Object.getOwnPropertySymbols(child)) {
    const value: unknown = Reflect.get(child, symbol);
    if (typeof value !== 'object' || value === null) continue;
    if ('onread' in value && typeof value.onread === 'function' && 'pendingHandle' in value) {
      // Checked: the only object of a child process with both properties is its channel.
      return value as ChannelHandle;
    }
  }
  throw new Error('the IPC channel of a child process was not found in this version of Node');
}
