import type { ForwardingHeaders } from './client-address.ts';

/** Several lines of one header are one list (RFC 9110 §5.3). */
export function forwardingHeaders(
  pairs: readonly (readonly [name: string, value: string])[],
): ForwardingHeaders {
  return {
    xForwardedFor: joined(pairs, 'x-forwarded-for'),
    xForwardedProto: joined(pairs, 'x-forwarded-proto'),
    xRealIp: joined(pairs, 'x-real-ip'),
    forwarded: joined(pairs, 'forwarded'),
  };
}

function joined(
  pairs: readonly (readonly [name: string, value: string])[],
  name: string,
): string | undefined {
  const values = pairs.filter(([key]) => key === name).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(', ');
}
