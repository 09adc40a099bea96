import { domExceptionModule, urlModule } from '../lazy/lazy-modules.ts';
import {
  newList,
  ReflectGet,
  RegExpPrototypeExec,
  StringPrototypeToLowerCase,
  SymbolIterator,
} from '../primordials.ts';
import type { List } from '../primordials.ts';
import { isObject, toDomString } from '../webidl/convert.ts';
import { iterate } from '../webidl/to-pairs.ts';

interface SocketUrl {
  readonly href: string;
  readonly origin: string;
}

/**
 * https://websockets.spec.whatwg.org/#get-a-url-record
 *
 * @throws DOMException `SyntaxError`
 */
export function toSocketUrl(text: string): SocketUrl {
  const { parseUrl, serializeUrl, URL } = urlModule.value;
  const { DOMException } = domExceptionModule.value;
  const url = parseUrl(text, undefined);
  if (url === undefined) throw new DOMException(`${text} is not a valid URL`, 'SyntaxError');
  if (url.scheme === 'http') url.scheme = 'ws';
  else if (url.scheme === 'https') url.scheme = 'wss';
  if (url.scheme !== 'ws' && url.scheme !== 'wss') {
    throw new DOMException('The scheme of a WebSocket URL must be ws or wss', 'SyntaxError');
  }
  if (url.fragment !== null) {
    throw new DOMException('A WebSocket URL must not have a fragment', 'SyntaxError');
  }
  const href = serializeUrl(url);
  return { href, origin: new URL(href).origin };
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * `(DOMString or sequence<DOMString>)` as subprotocols to ask for.
 *
 * @throws DOMException `SyntaxError` when one is not a token, or comes twice
 */
export function toProtocols(value: unknown): List<string> {
  const protocols = newList<string>();
  const add = (item: unknown): void => {
    protocols[protocols.length] = toDomString(item);
  };
  if (value === undefined) return protocols;
  const method: unknown = isObject(value) ? ReflectGet(value, SymbolIterator) : undefined;
  if (isObject(value) && method !== undefined && method !== null) iterate(value, method, add);
  else add(value);
  checkProtocols(protocols);
  return protocols;
}

function checkProtocols(protocols: List<string>): void {
  const { DOMException } = domExceptionModule.value;
  for (let i = 0; i < protocols.length; i += 1) {
    const protocol = protocols[i] ?? '';
    if (RegExpPrototypeExec(token, protocol) === null) {
      throw new DOMException(`"${protocol}" is not a subprotocol`, 'SyntaxError');
    }
    for (let j = 0; j < i; j += 1) {
      if (StringPrototypeToLowerCase(protocols[j] ?? '') !== StringPrototypeToLowerCase(protocol))
        continue;
      throw new DOMException(`The subprotocol "${protocol}" comes twice`, 'SyntaxError');
    }
  }
}
