import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { listenError, type ListenAddress } from './port-probe.ts';

export interface ListenerOptions extends ListenAddress {
  /** Gets each connection paused, with nothing read from it. */
  readonly onConnection: (socket: Socket) => void;
}

/** The port that clients connect to; several runners of one machine share it. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #server: Server;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
      // Otherwise Node keeps a list of every socket sent to a child process, for its own `close`.
      Reflect.set(socket, 'server', null);
      options.onConnection(socket);
    });
  }

  /** @throws AppError `invalid_config` naming the setting to change */
  async start(): Promise<void> {
    const { host, port } = this.#options;
    try {
      this.#server.listen({ host, port, reusePort: true, backlog: 1024 });
      await once(this.#server, 'listening');
    } catch (error) {
      throw listenError(error, { setting: 'OW_PORT', host, port });
    }
  }

  /** The port in use; undefined before `start`. */
  get port(): number | undefined {
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? undefined : address.port;
  }

  /** Stops accepting; open connections stay as they are. */
  stop(): void {
    this.#server.close();
  }
}
