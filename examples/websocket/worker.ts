/** One end of a WebSocket as a worker has it; the other goes to the client. */
interface ServerSocket extends WebSocket {
  accept(): void;
}
declare const WebSocketPair: new () => { 0: WebSocket; 1: ServerSocket };

/** Everybody who is connected to this isolate. */
const members = new Set<ServerSocket>();

function tellAll(text: string): void {
  for (const member of members) member.send(text);
}

function join(): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  members.add(server);
  server.addEventListener('message', ({ data }) => tellAll(String(data)));
  server.addEventListener('close', () => {
    members.delete(server);
    tellAll(`(somebody left, ${members.size} here)`);
  });
  tellAll(`(somebody came, ${members.size} here)`);
  return new Response(null, { status: 101, webSocket: client } as ResponseInit);
}

const page = `<!doctype html>
<meta charset="utf-8">
<title>Chat</title>
<form><input autofocus placeholder="Say something"></form>
<pre></pre>
<script>
  const [input, log] = document.querySelectorAll('input, pre');
  const socket = new WebSocket(location.href.replace(/^http/, 'ws'));
  socket.onmessage = ({ data }) => log.append(data + '\\n');
  socket.onclose = ({ code }) => log.append('(closed with ' + code + ')\\n');
  document.querySelector('form').onsubmit = (event) => {
    event.preventDefault();
    socket.send(input.value);
    input.value = '';
  };
</script>
`;

export default {
  fetch(request: Request): Response {
    if (request.headers.get('upgrade') === 'websocket') return join();
    if (new URL(request.url).pathname === '/count') return new Response(`${members.size} here\n`);
    return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } });
  },
};
