import type { Socket } from 'node:dgram';
import { isIPv4 } from 'node:net';

type Answer = (name: string, type: 'A' | 'AAAA') => readonly string[];

/** A name server of a test on the socket; gives its port. Each answer may differ from the last. */
export function answerDns(socket: Socket, answer: Answer): Promise<number> {
  socket.on('message', (query, peer) => {
    const end = query.indexOf(0, 12);
    const type = query.readUInt16BE(end + 1) === 1 ? 'A' : 'AAAA';
    const records = answer(nameAt(query, 12), type).map(recordOf);
    const head = Buffer.from(query.subarray(0, 12));
    // A response without error; no records in the other sections.
    head.writeUInt16BE(0x81_80, 2);
    head.writeUInt16BE(records.length, 6);
    head.writeUInt32BE(0, 8);
    socket.send(Buffer.concat([head, query.subarray(12, end + 5), ...records]), peer.port);
  });
  return new Promise((resolve) => {
    socket.bind(0, '127.0.0.1', () => resolve(socket.address().port));
  });
}

function nameAt(query: Buffer, start: number): string {
  const labels: string[] = [];
  let at = start;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return labels.join('.');
}

function recordOf(address: string): Buffer {
  const bytes = isIPv4(address) ? ipv4Bytes(address) : ipv6Bytes(address);
  const head = Buffer.alloc(12);
  // The name of the question.
  head.writeUInt16BE(0xc0_0c, 0);
  head.writeUInt16BE(isIPv4(address) ? 1 : 28, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(bytes.length, 10);
  return Buffer.concat([head, bytes]);
}

function ipv4Bytes(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

function ipv6Bytes(address: string): Buffer {
  const [left = '', right = ''] = address.split('::');
  const first = left === '' ? [] : left.split(':');
  const last = right === '' ? [] : right.split(':');
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0');
  const groups = [...first, ...zeros, ...last];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
