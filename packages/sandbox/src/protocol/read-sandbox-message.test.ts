import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { visitConnectionChanges } from './connection-changes.ts';
import { frameTypes } from './messages.ts';
import { ProtocolError } from './protocol-error.ts';
import { readSandboxMessage } from './read-sandbox-message.ts';

const uuid = '3f2b1c4d-0000-4000-8000-0123456789ab';
const key = { workerId: uuid, version: 3, environmentId: uuid, environmentRevision: 2 };
const question = {
  key,
  requestId: 'r-1',
  method: 'POST',
  url: 'http://hello.localhost/',
  headers: 'a\nb',
  hasBody: true,
  isUpgrade: false,
  depth: 1,
};
const invocation = {
  kind: 'invocation',
  handle: 'h',
  requestId: 'r',
  timeMs: 1,
  method: 'GET',
  path: '/',
  status: 200,
  outcome: 'ok',
  cpuMs: 0.5,
  wallMs: 1,
  isCold: false,
  memoryBytes: 10,
};

function read(type: number, value: unknown): unknown {
  return readSandboxMessage(type, 9, Buffer.from(JSON.stringify(value)));
}

describe('what a sandbox says', () => {
  test('is read when it is well-formed, and nothing else is kept', () => {
    expect(read(frameTypes.askRoute, { host: 'a.b', more: 1 })).toEqual({
      kind: 'askRoute',
      id: 9,
      question: { host: 'a.b' },
    });
    expect(read(frameTypes.askRoute, { handle: 'h', binding: 'SVC', host: 'a.b' })).toMatchObject({
      question: { handle: 'h', binding: 'SVC' },
    });
    expect(read(frameTypes.askVersion, { ...key, more: 1 })).toEqual({
      kind: 'askVersion',
      id: 9,
      key,
    });
    expect(read(frameTypes.forward, { ...question, limits: { cpuMs: 1e9 } })).toEqual({
      kind: 'forward',
      id: 9,
      question,
    });
    expect(read(frameTypes.records, [{ ...invocation, more: 1 }])).toEqual({
      kind: 'records',
      records: [invocation],
    });
    expect(read(frameTypes.running, ['h'])).toEqual({ kind: 'running', handles: ['h'] });
  });

  test.each([
    ['a host that is too long', frameTypes.askRoute, { host: 'a'.repeat(254) }],
    ['a host with a line feed', frameTypes.askRoute, { host: 'a\nb' }],
    ['no host', frameTypes.askRoute, {}],
    ['a handle without a binding', frameTypes.askRoute, { handle: 'h' }],
    ['a binding that is too long', frameTypes.askRoute, { handle: 'h', binding: 'x'.repeat(65) }],
    ['a handle that is no text', frameTypes.askRoute, { handle: 1, binding: 'SVC' }],
    ['a list for an object', frameTypes.askRoute, []],
    ['null', frameTypes.askRoute, null],
    ['a worker id that is none', frameTypes.askVersion, { ...key, workerId: "' or 1=1" }],
    ['version 0', frameTypes.askVersion, { ...key, version: 0 }],
    ['half a version', frameTypes.askVersion, { ...key, version: 1.5 }],
    ['a huge version', frameTypes.askVersion, { ...key, version: 2 ** 31 }],
    ['another environment id', frameTypes.askVersion, { ...key, environmentId: 5 }],
    ['a method with a space', frameTypes.forward, { ...question, method: 'GET /' }],
    ['another scheme', frameTypes.forward, { ...question, url: 'file:///etc/passwd' }],
    ['a request id with a line feed', frameTypes.forward, { ...question, requestId: 'a\nb' }],
    ['a negative depth', frameTypes.forward, { ...question, depth: -1 }],
    ['an unknown record', frameTypes.records, [{ ...invocation, kind: 'x' }]],
    ['an unknown outcome', frameTypes.records, [{ ...invocation, outcome: 'x' }]],
    ['an endless number', frameTypes.records, [{ ...invocation, cpuMs: null }]],
    ['an empty handle', frameTypes.running, ['']],
    ['too many handles', frameTypes.running, Array.from({ length: 1001 }, () => 'h')],
    ['a frame of the runner', frameTypes.boot, {}],
    ['a frame of nobody', 200, {}],
  ])('%s is refused', (_name, type, value) => {
    expect(() => read(type, value)).toThrow(ProtocolError);
  });

  test('is never anything but read or refused', () => {
    const types = fc.constantFrom(...Object.values(frameTypes));
    fc.assert(
      fc.property(types, fc.oneof(fc.json(), fc.string(), fc.constant('[[[[')), (type, text) => {
        try {
          readSandboxMessage(type, 1, Buffer.from(text));
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('about connections is in groups of five bytes with a known state', () => {
    const seen: [number, number][] = [];
    const visit = (id: number, state: number): void => void seen.push([id, state]);
    visitConnectionChanges(Buffer.from([1, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 3]), visit);
    expect(seen).toEqual([
      [1, 1],
      [0xffff_ffff, 3],
    ]);
    expect(() => visitConnectionChanges(Buffer.from([1, 0, 0, 0]), visit)).toThrow(ProtocolError);
    expect(() => visitConnectionChanges(Buffer.from([1, 0, 0, 0, 4]), visit)).toThrow(
      ProtocolError,
    );
  });
});
