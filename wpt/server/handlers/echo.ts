import type { Exchange, Handlers, Reply } from '../exchange.ts';

/** Say what came. */
export const echoHandlers: Handlers = {
  '/fetch/api/resources/echo-content.py': echoContent,
  // Written for HTTP/2, whose uploads browsers stream; ours are streamed over any.
  '/fetch/api/resources/echo-content.h2.py': echoContent,
  '/FileAPI/file/resources/echo-content-escaped.py': async (exchange) => {
    const { headers, body } = await echoContent(exchange);
    const escaped = body
      .toString('latin1')
      .replaceAll('\\', '\\\\')
      .replaceAll(
        // oxlint-disable-next-line no-control-regex -- they are what is escaped
        /[\0-\x1f\x7f-\xff]/g,
        (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
      )
      .replaceAll(String.raw`\x0d\x0a`, '\r\n');
    const others = headers.filter(([name]) => name !== 'Content-Type');
    return { headers: [...others, ['Content-Type', 'text/plain; charset=UTF-8']], body: escaped };
  },
  '/fetch/api/resources/inspect-headers.py': ({ query, header }) => ({
    headers: [
      ...(query.get('headers') ?? '').split('|').flatMap((name) => {
        const value = header(name);
        return value === undefined ? [] : [[`x-request-${name}`, value] as const];
      }),
      ...(query.has('cors') ? ([['Access-Control-Allow-Origin', '*']] as const) : []),
      ['content-type', 'text/plain'],
    ],
  }),
  '/fetch/api/resources/method.py': async ({ method, header, body }) => ({
    headers: [
      ['x-request-method', method],
      ...['type', 'length', 'encoding', 'language', 'location'].map(
        (name) => [`x-request-content-${name}`, header(`Content-${name}`) ?? 'NO'] as const,
      ),
    ],
    body: await body(),
  }),
  '/fetch/api/resources/dump-authorization-header.py': ({ header }) => ({
    headers: [['Content-Type', 'text/html']],
    body: header('authorization') ?? 'none',
  }),
  '/fetch/api/resources/authentication.py': ({ query, header }) => {
    const credentials = Buffer.from('user:password').toString('base64');
    if (header('authorization') === `Basic ${credentials}`) return { body: 'Authentication done' };
    const realm = query.get('realm') ?? 'test';
    return {
      status: 401,
      statusText: 'Unauthorized',
      headers: [['WWW-Authenticate', `Basic realm="${realm}"`]],
      body: "Please login with credentials 'user' and 'password'",
    };
  },
  '/xhr/resources/echo-headers.py': ({ headers }) => ({
    headers: [['Content-Type', 'text/plain']],
    body: headers.map(([name, value]) => `${name}: ${value}\n`).join(''),
  }),
  '/xhr/resources/inspect-headers.py': ({ query, headers }) => {
    const value = query.get('filter_value') ?? '';
    const wanted = (query.get('filter_name') ?? '').toLowerCase();
    const lines = headers.map(([name, each]) => {
      if (value !== '') return each === value ? `${name},` : '';
      return name.toLowerCase() === wanted ? `${name}: ${each}\n` : '';
    });
    return { headers: [['content-type', 'text/plain']], body: lines.join('') };
  },
};

async function echoContent({
  method,
  header,
  body,
}: Exchange): Promise<Reply & Required<Pick<Reply, 'headers'>> & { body: Buffer }> {
  return {
    headers: [
      ['X-Request-Method', method],
      ['X-Request-Content-Length', header('Content-Length') ?? 'NO'],
      ['X-Request-Content-Type', header('Content-Type') ?? 'NO'],
      ['Content-Type', 'text/plain'],
    ],
    body: await body(),
  };
}
