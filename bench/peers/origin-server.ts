import { createServer } from 'node:http';

/** Answers `/<bytes>` with so many bytes in pieces of 64 KiB, as fast as they are taken. */
const piece = Buffer.alloc(64 * 1024, 'x');

createServer((request, response) => {
  let left = Number((request.url ?? '/0').slice(1));
  response.writeHead(200, { 'content-length': left });
  const send = (): void => {
    while (left > 0) {
      const next = left < piece.length ? piece.subarray(0, left) : piece;
      left -= next.length;
      if (!response.write(next)) {
        response.once('drain', send);
        return;
      }
    }
    response.end();
  };
  send();
}).listen(Number(process.argv[2]), '127.0.0.1');
