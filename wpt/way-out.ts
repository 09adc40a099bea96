import { duplexPair } from 'node:stream';
import { createLogger } from '../packages/core/src/logger.ts';
import { channelKinds, type ChannelKind } from '../packages/runtime/src/index.ts';
import { ChannelDesk } from '../packages/runner/src/egress/channel-desk.ts';
import { EgressRefusal } from '../packages/runner/src/egress/egress-refusal.ts';
import { createEgress } from '../packages/runner/src/egress/create-egress.ts';
import { Redactor } from '../packages/runner/src/redactor.ts';
import { ChannelSwitch } from '../packages/sandbox/src/channels/channel-switch.ts';
import { FetchOpener } from '../packages/sandbox/src/channels/fetch/fetch-opener.ts';
import { PipeOpener } from '../packages/sandbox/src/channels/pipe-opener.ts';
import { SocketOpener } from '../packages/sandbox/src/channels/socket-opener.ts';
import type { ChannelOpener } from '../packages/sandbox/src/engine/channels/channel-opener.ts';
import { ResponseHeaderFilter } from '../packages/sandbox/src/http/response-headers.ts';
import { FramedPipe, maxFrameBytes } from '../packages/sandbox/src/protocol/framed-pipe.ts';
import { readSandboxMessage } from '../packages/sandbox/src/protocol/read-sandbox-message.ts';
import { StreamTable } from '../packages/sandbox/src/protocol/stream-table.ts';
import { RouteCache } from '../packages/sandbox/src/routing/route-cache.ts';

/** Where the channels of test workers lead. */
export interface WayOut {
  readonly openers: ChannelOpener;
  stop(): void;
}

/** More than a request may make: one event runs all tests of a file. */
const mostPerEvent = 2000;

/** No tenant is known under these. */
const instance = {
  tenantId: 'wpt',
  workerId: 'wpt',
  workerName: 'wpt',
  version: 1,
  bindings: new Map<string, never>(),
  redactor: new Redactor([]),
};

/**
 * The platform's way out, from the sandbox's end to the runner's: the same parts as in the two
 * processes, joined by a pipe in memory. Only loopback addresses are opened.
 */
export function createWayOut(): WayOut {
  const [near, far] = duplexPair();
  const egress = createEgress({
    allow: ['localhost', '127.0.0.1'],
    ownPorts: () => [],
    databaseUrl: '',
  });
  const desk = new ChannelDesk({
    kinds: { ...forEveryKind({ open: refuseBinding }), ...egress.kinds },
    log: createLogger({ role: 'wpt', level: 'error' }),
  });
  const runnerPipe = new FramedPipe({
    stream: far,
    maxIncomingBytes: maxFrameBytes.fromSandbox,
    onFrame: (type, id, payload) => {
      if (runnerStreams.handleFrame(type, id, payload)) return;
      const message = readSandboxMessage(type, id, payload);
      if (message.kind === 'openChannel') desk.open(source, message);
    },
    onClose: throwProblem,
  });
  const runnerStreams = new StreamTable({ pipe: runnerPipe, side: 'runner' });
  const source = {
    handles: { find: () => instance },
    acceptChannel: runnerStreams.acceptChannel.bind(runnerStreams),
  };
  const sandboxPipe = new FramedPipe({
    stream: near,
    maxIncomingBytes: maxFrameBytes.fromRunner,
    onFrame: (type, id, payload) => void sandboxStreams.handleFrame(type, id, payload),
    onClose: throwProblem,
  });
  const sandboxStreams = new StreamTable({ pipe: sandboxPipe, side: 'sandbox' });
  const outside = new PipeOpener(sandboxPipe, sandboxStreams);
  return {
    openers: Object.assign(
      new ChannelSwitch({
        ...forEveryKind<ChannelOpener>(outside),
        fetch: createFetchOpener(outside),
        websocket: new SocketOpener(outside),
      }),
      { mostPerEvent },
    ),
    stop: () => {
      egress.stop();
      sandboxPipe.close();
      runnerPipe.close();
    },
  };
}

/** No host is a worker's. */
function createFetchOpener(outside: ChannelOpener): FetchOpener {
  const noDispatcher = {
    dispatchFetch: (): never => {
      throw new Error('there are no other workers');
    },
  };
  return new FetchOpener({
    boot: { baseDomain: 'workers.test', platformHost: 'workers.test' },
    routes: new RouteCache({
      ask: () => Promise.resolve({ kind: 'none', code: 'host_not_found' }),
      now: () => performance.now(),
    }),
    here: noDispatcher,
    elsewhere: noDispatcher,
    outside,
    records: { addInvocation: () => undefined },
    responseHeaders: new ResponseHeaderFilter({
      baseDomain: 'workers.test',
      maxCount: 100,
      maxBytes: 65_536,
    }),
  });
}

/** So that kinds that come need no word here. */
function forEveryKind<Value>(value: Value): Record<ChannelKind, Value> {
  // Has them all.
  return Object.fromEntries(channelKinds.map((kind) => [kind, value])) as Record<
    ChannelKind,
    Value
  >;
}

function refuseBinding(): never {
  throw new EgressRefusal('the worker of a test has no bindings');
}

function throwProblem(error: Error | undefined): void {
  if (error !== undefined) throw error;
}
