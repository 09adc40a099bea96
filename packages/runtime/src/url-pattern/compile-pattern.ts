import { StringPrototypeCharAt, StringPrototypeStartsWith, TypeError } from '../primordials.ts';
import { defaultPort } from '../url/url-record.ts';
import {
  canonicalizeHash,
  canonicalizeHostname,
  canonicalizeIpv6Hostname,
  canonicalizeOpaquePathname,
  canonicalizePathname,
  canonicalizePort,
  canonicalizeProtocol,
  canonicalizeSearch,
  canonicalizeUserinfo,
} from './canonicalize.ts';
import type { ComponentName, ComponentTexts } from './component-texts.ts';
import { Component } from './component.ts';
import { parseConstructorString } from './constructor-string.ts';
import type { PatternOptions } from './part.ts';
import { processPattern } from './process-init.ts';

export type CompiledPattern = Readonly<Record<ComponentName, Component>>;

const plainOptions: PatternOptions = { delimiter: '', prefix: '', ignoresCase: false };
const hostnameOptions: PatternOptions = { delimiter: '.', prefix: '', ignoresCase: false };

/**
 * https://urlpattern.spec.whatwg.org/#url-pattern-create
 *
 * @throws TypeError when the input is not a pattern
 */
export function compilePattern(
  input: string | ComponentTexts,
  base: string | undefined,
  ignoresCase: boolean,
): CompiledPattern {
  const texts = processPattern(initOf(input, base));
  const { protocol: scheme = '*', hostname: host = '*' } = texts;
  const schemePort = defaultPort(scheme);
  const isDefaultPort = typeof schemePort === 'number' && texts.port === `${schemePort}`;
  const protocol = new Component(scheme, canonicalizeProtocol, plainOptions);
  const encodeHostname = isIpv6(host) ? canonicalizeIpv6Hostname : canonicalizeHostname;
  const options = { delimiter: '', prefix: '', ignoresCase };
  const hasPath = protocol.matchesSpecialScheme();
  const pathOptions = hasPath ? { delimiter: '/', prefix: '/', ignoresCase } : options;
  const encodePathname = hasPath ? canonicalizePathname : canonicalizeOpaquePathname;
  return {
    protocol,
    username: new Component(texts.username ?? '*', canonicalizeUserinfo, plainOptions),
    password: new Component(texts.password ?? '*', canonicalizeUserinfo, plainOptions),
    hostname: new Component(host, encodeHostname, hostnameOptions),
    port: new Component(isDefaultPort ? '' : (texts.port ?? '*'), encodePort, plainOptions),
    pathname: new Component(texts.pathname ?? '*', encodePathname, pathOptions),
    search: new Component(texts.search ?? '*', canonicalizeSearch, options),
    hash: new Component(texts.hash ?? '*', canonicalizeHash, options),
  };
}

function initOf(input: string | ComponentTexts, base: string | undefined): ComponentTexts {
  if (typeof input !== 'string') {
    if (base !== undefined) throw new TypeError('A base URL is only for a text; see baseURL');
    return input;
  }
  const init = parseConstructorString(input);
  if (base !== undefined) init.baseURL = base;
  else if (init.protocol === undefined) {
    throw new TypeError('A pattern without protocol needs a base URL');
  }
  return init;
}

function encodePort(value: string): string {
  return canonicalizePort(value);
}

/** https://urlpattern.spec.whatwg.org/#hostname-pattern-is-an-ipv6-address */
function isIpv6(pattern: string): boolean {
  if (StringPrototypeCharAt(pattern, 0) === '[') return pattern.length > 1;
  return StringPrototypeStartsWith(pattern, '{[') || StringPrototypeStartsWith(pattern, '\\[');
}
