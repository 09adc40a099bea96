/** Where the requests go. */
const origin = 'https://example.com';

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const forwarded = new Request(new URL(pathname + search, origin), request);
    // The visitor's cookies are for this host, not for the origin.
    forwarded.headers.delete('cookie');
    try {
      const answer = await fetch(forwarded, { signal: AbortSignal.timeout(10_000) });
      // A copy: the headers of a fetched response cannot be changed.
      const response = new Response(answer.body, answer);
      response.headers.set('x-proxied-from', origin);
      return response;
    } catch (error) {
      return new Response(`The origin cannot be reached: ${String(error)}\n`, { status: 502 });
    }
  },
};
