/** What this worker uses of a key-value namespace, in the shape Cloudflare gave it. */
interface Namespace {
  get(key: string): Promise<string | null>;
  put(key: string, value: string, options?: { expirationTtl?: number }): Promise<void>;
  delete(key: string): Promise<void>;
  list(options?: { prefix?: string }): Promise<{ keys: { name: string }[] }>;
}

interface Env {
  readonly NOTES: Namespace;
  /** A secret: whoever knows it may write. */
  readonly WRITE_TOKEN: string;
}

/** Notes under their path: GET reads one (or lists them at `/`), PUT writes, DELETE removes. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const name = decodeURIComponent(new URL(request.url).pathname.slice(1));
    if (request.method === 'GET') return name === '' ? list(env) : read(env, name);
    if (request.headers.get('authorization') !== `Bearer ${env.WRITE_TOKEN}`) {
      return new Response('the token is missing or wrong\n', { status: 401 });
    }
    if (name === '') return new Response('a note needs a name\n', { status: 400 });
    if (request.method === 'PUT') {
      await env.NOTES.put(name, await request.text());
      return new Response('kept\n', { status: 201 });
    }
    if (request.method === 'DELETE') {
      await env.NOTES.delete(name);
      return new Response('gone\n');
    }
    return new Response('GET, PUT or DELETE\n', { status: 405 });
  },
};

async function read(env: Env, name: string): Promise<Response> {
  const note = await env.NOTES.get(name);
  return note === null ? new Response('no such note\n', { status: 404 }) : new Response(note);
}

async function list(env: Env): Promise<Response> {
  const { keys } = await env.NOTES.list();
  return Response.json(keys.map(({ name }) => name));
}
