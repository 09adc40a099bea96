/** Why a global of workerd is not here. */
export const missingGlobals: Readonly<Record<string, string>> = {
  Body: 'A mixin of the Fetch standard, which has no interface object; Request and Response have its members.',
  Cloudflare: "Tells the compatibility flags of Cloudflare's runtime; there are none of them here.",
  ExtendableEvent:
    'The `fetch` and `scheduled` events have its `waitUntil`; their class cannot be made by a worker.',
  FetchEvent:
    'Listeners of `fetch` get an event with its members; its class cannot be made by a worker.',
  ScheduledEvent:
    'Listeners of `scheduled` get an event with its members; its class cannot be made by a worker.',
  ServiceWorkerGlobalScope: 'The global object has its members itself.',
  SharedArrayBuffer: 'Taken away: memory that threads share makes a clock of any precision.',
  TailEvent: 'There are no tail workers.',
  TraceEvent: 'There are no tail workers.',
  WebSocketRequestResponsePair:
    'Belongs to the hibernation of Durable Objects, which are not built.',
  WorkerGlobalScope: 'The global object has its members itself.',
  origin: 'A worker has no origin of its own; workerd answers "null".',
};
