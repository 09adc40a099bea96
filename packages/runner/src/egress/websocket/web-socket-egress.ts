import { platformLimits } from '@openworkers/core';
import type { ChannelHandler, PipeChannel } from '@openworkers/sandbox';
import WebSocket from 'ws';
import type { Egress, EgressRequest } from '../channel-desk.ts';
import { describeFailure } from '../describe-failure.ts';
import type { EgressGuard } from '../egress-guard.ts';
import { pinned } from '../pinned-lookup.ts';
import type { TenantSlots } from '../tenant-slots.ts';
import { readConnectQuestion, type ConnectQuestion } from './connect-question.ts';
import { OutgoingSocket } from './outgoing-socket.ts';

const connectMs = platformLimits.subrequestConnectMs.tenant;
const maxMessageBytes = platformLimits.webSocketMessageBytes.tenant;

export interface WebSocketEgressOptions {
  readonly guard: EgressGuard;
  readonly slots: TenantSlots;
}

/** Channels of kind `websocket`: one connection to an origin each. */
export class WebSocketEgress implements Egress {
  readonly #options: WebSocketEgressOptions;
  readonly #sockets = new Set<OutgoingSocket>();

  constructor(options: WebSocketEgressOptions) {
    this.#options = options;
  }

  open({ instance, argument }: EgressRequest, channel: PipeChannel): ChannelHandler {
    const question = readConnectQuestion(argument);
    const giveBack = this.#options.slots.take(instance.tenantId);
    const socket: OutgoingSocket = new OutgoingSocket(channel, () => {
      this.#sockets.delete(socket);
      giveBack();
    });
    this.#sockets.add(socket);
    void this.#connect(question, socket);
    return socket;
  }

  /** Breaks every connection. */
  stop(): void {
    for (const socket of this.#sockets) socket.error();
  }

  async #connect({ url, protocols, headers }: ConnectQuestion, to: OutgoingSocket): Promise<void> {
    const { hostname, protocol } = url;
    const port = Number(url.port) || (protocol === 'wss:' ? 443 : 80);
    try {
      const addresses = await this.#options.guard.addressesOf(hostname, port);
      if (to.isOver) return;
      to.connect(
        new WebSocket(url, [...protocols], {
          headers: { 'user-agent': 'OpenWorkers', ...headers },
          // Names are resolved by the guard, once; an address as host is one it has checked.
          lookup: pinned(addresses),
          followRedirects: false,
          handshakeTimeout: connectMs,
          maxPayload: maxMessageBytes,
          perMessageDeflate: false,
        }),
      );
    } catch (error) {
      to.fail(describeFailure(error instanceof Error ? error : new Error(String(error))));
    }
  }
}
