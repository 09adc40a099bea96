/**
 * What becomes of a header from outside. `own` ones are replaced by the platform's; `proxy` ones
 * count only from trusted proxies and are replaced too; `hop` ones are for this connection alone.
 */
type HeaderFate = 'host' | 'hop' | 'connection' | 'own' | 'proxy' | 'requestId';

const fates: ReadonlyMap<string, HeaderFate> = new Map<string, HeaderFate>([
  ['host', 'host'],
  ['connection', 'connection'],
  ['keep-alive', 'hop'],
  ['proxy-connection', 'hop'],
  ['te', 'hop'],
  ['trailer', 'hop'],
  ['transfer-encoding', 'hop'],
  ['upgrade', 'hop'],
  ['expect', 'hop'],
  ['http2-settings', 'hop'],
  ['x-request-id', 'requestId'],
  ['cf-connecting-ip', 'own'],
  ['true-client-ip', 'own'],
  ['forwarded', 'proxy'],
  ['x-real-ip', 'proxy'],
]);

/** The headers of one request, sorted once. */
export interface RequestHead {
  /** What the worker gets of the client's headers: names in lower case, `name\nvalue\n…`, or ''. */
  flat: string;
  /** How many `Host` headers there were; more or fewer than one is a bad request. */
  hostCount: number;
  host: string;
  requestId: string | undefined;
  /** `x-forwarded-*` and the like, for {@link forwardingHeaders}; rarely any. */
  proxyHeaders: [name: string, value: string][] | undefined;
}

/** Sorts the raw header list of Node's parser; runs for every request. */
export function readRequestHead(raw: readonly string[]): RequestHead {
  const head: RequestHead = {
    flat: '',
    hostCount: 0,
    host: '',
    requestId: undefined,
    proxyHeaders: undefined,
  };
  let connection = '';
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    const value = raw[index + 1] ?? '';
    const fate = fates.get(name) ?? (name.charCodeAt(0) === 120 ? fateOfX(name) : undefined);
    if (fate === undefined || fate === 'host') {
      head.flat += head.flat === '' ? `${name}\n${value}` : `\n${name}\n${value}`;
    }
    if (fate === 'host') {
      head.hostCount += 1;
      head.host = value;
    } else if (fate === 'connection') connection += `,${value}`;
    else if (fate === 'requestId') head.requestId = value;
    else if (fate === 'proxy') (head.proxyHeaders ??= []).push([name, value]);
  }
  if (connection !== '') dropConnectionHeaders(head, connection);
  return head;
}

/** Headers that start with `x`: names of the platform never come from outside. */
function fateOfX(name: string): HeaderFate | undefined {
  if (name.startsWith('x-forwarded-')) return 'proxy';
  if (name.startsWith('x-worker-') || name.startsWith('x-openworkers-')) return 'own';
  return undefined;
}

const usualConnection = /^,(?:keep-alive|close|upgrade|te|http2-settings|\s|,)*$/i;

/** RFC 9110 §7.6.1: what `Connection` names is for this connection only. */
function dropConnectionHeaders(head: RequestHead, connection: string): void {
  if (usualConnection.test(connection)) return;
  const named = new Set(connection.split(',').map((name) => name.trim().toLowerCase()));
  // A client may not use this to remove what the platform relies on.
  named.delete('host');
  named.delete('content-length');
  const parts = head.flat.split('\n');
  const kept: string[] = [];
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const name = parts[index] ?? '';
    if (!named.has(name)) kept.push(`${name}\n${parts[index + 1] ?? ''}`);
  }
  head.flat = kept.join('\n');
}
