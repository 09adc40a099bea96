import type { Handlers } from '../exchange.ts';

interface Seen {
  readonly requests: number;
  readonly ports: ReadonlySet<number>;
}

/** Count connections. */
export const connectionHandlers: Handlers = {
  // Of its ways to be asked, the one that the tests of `fetch` use.
  '/fetch/connection-pool/resources/network-partition-key.py': ({
    path,
    query,
    stash,
    clientPort,
  }) => {
    const uuid = query.get('uuid') ?? '';
    // Only this puts values here.
    const before = (stash.take(path, uuid) as Seen | undefined) ?? {
      requests: 0,
      ports: new Set(),
    };
    const seen: Seen = {
      requests: before.requests + 1,
      ports: new Set([...before.ports, clientPort]),
    };
    stash.put(path, uuid, seen);
    return {
      status: Number(query.get('status') ?? 200),
      headers: [['Cache-Control', 'no-store']],
      body: `ok. Request was sent ${seen.requests} times. ${seen.ports.size} connections were created.`,
    };
  },
};
