import { connect, type Socket } from 'node:net';

/** Opens `count` connections to 127.0.0.1 that never read unless asked to. */
export async function openSockets(port: number, count: number): Promise<Socket[]> {
  return Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<Socket>((resolve, reject) => {
          const socket = connect(port, '127.0.0.1', () => {
            // What happens to it later is for the test to see, not for the process to die of.
            socket.on('error', () => undefined);
            resolve(socket);
          });
          socket.pause();
          socket.once('error', reject);
        }),
    ),
  );
}

/** Everything the other side says until it closes, or until `isEnough`; at most `timeoutMs`. */
export function readAll(
  socket: Socket,
  { isEnough, timeoutMs }: { isEnough: (text: string) => boolean; timeoutMs: number },
): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const finish = (): void => {
      clearTimeout(timer);
      resolve(text);
    };
    const timer = setTimeout(finish, timeoutMs);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (isEnough(text)) finish();
    });
    socket.on('close', finish);
    socket.resume();
  });
}
