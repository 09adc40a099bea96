import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { connectHost } from '../dispatch/host.ts';
import { Blob as OurBlob } from './blob.ts';
import { File as OurFile } from './file.ts';
import { parseFormData, serializeFormData } from './form-data-body.ts';
import { FormData as OurFormData } from './form-data.ts';

const runs = { numRuns: 10_000 };

beforeAll(() => {
  connectHost({
    host: () => {},
    hostSync: (_op, count) => new Uint8Array(randomBytes(Number(count))).buffer,
  });
});

const text = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'a b',
    '"',
    '%22',
    '\r\n',
    '\n',
    '\r',
    'ü',
    '🍕',
    '\ud800',
    ';=\\',
    '--',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const file = fc.record({
  bytes: fc.oneof(fc.uint8Array({ maxLength: 30 }), fc.constant(Buffer.from('\r\n--x\r\n\r\n--'))),
  name: text,
  type: fc.constantFrom('', 'text/plain', 'image/png', 'text/html;charset=utf-8'),
});
const fields = fc.array(fc.tuple(text, fc.oneof(text, file)), { maxLength: 5 });
type Fields = typeof fields extends fc.Arbitrary<infer T> ? T : never;

function fill<T extends FormData | OurFormData>(form: T, values: Fields, make: typeof makeFile): T {
  for (const [name, value] of values) {
    if (typeof value === 'string') form.append(name, value);
    else Reflect.apply(form.append, form, [name, make(value.bytes, value.name, value.type)]);
  }
  return form;
}

function makeFile(bytes: Uint8Array, name: string, type: string): OurFile {
  return new OurFile([bytes], name, { type });
}

function makeNodeFile(bytes: Uint8Array, name: string, type: string): OurFile {
  // Handed to Node's FormData only.
  return new File([new Uint8Array(bytes)], name, { type }) as unknown as OurFile;
}

/** What the form holds, comparable whoever made it. */
async function contentOf(entries: Iterable<unknown>): Promise<unknown[]> {
  const content: unknown[] = [];
  for (const entry of entries) {
    const [name, value] = entry as [string, string | File | OurFile];
    if (typeof value === 'string') content.push([name, value]);
    else
      content.push([
        name,
        value.name,
        value.type,
        Buffer.from(await value.arrayBuffer()).toString('hex'),
      ]);
  }
  return content;
}

async function nodeForm(body: Uint8Array<ArrayBuffer>, contentType: string): Promise<unknown[]> {
  const response = new Response(body, { headers: { 'content-type': contentType } });
  return contentOf(await response.formData());
}

describe('FormData', () => {
  it('is read by Node as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(fields, async (values) => {
        const { bytes, contentType } = serializeFormData(fill(new OurFormData(), values, makeFile));
        const read = parseFormData(new Uint8Array(bytes), contentType);
        expect(await contentOf(read.entries())).toEqual(await nodeForm(bytes, contentType));
      }),
      runs,
    );
  });

  it('reads what Node writes', async () => {
    await fc.assert(
      fc.asyncProperty(fields, async (values) => {
        const response = new Response(fill(new FormData(), values, makeNodeFile));
        const contentType = response.headers.get('content-type') ?? '';
        const bytes = new Uint8Array(await response.arrayBuffer());
        const read = parseFormData(new Uint8Array(bytes), contentType);
        expect(await contentOf(read.entries())).toEqual(await nodeForm(bytes, contentType));
      }),
      runs,
    );
  });

  it('reads or refuses any bytes', () => {
    // prettier-ignore -- a line is a group
    const pieces = fc.constantFrom(
      '--b',
      '--b--',
      '\r\n',
      '\r',
      '\n',
      '\r\n\r\n',
      'Content-Disposition:',
      ' form-data',
      ';',
      'name=',
      'filename=',
      '"',
      'x',
      'Content-Type: a/b',
      '%22',
      '%0D',
      ':',
      '=',
      '--',
      'ü',
      '\r\n--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n',
    );
    const body = fc.array(fc.oneof(pieces, fc.string({ maxLength: 2 })), { maxLength: 20 });
    fc.assert(
      fc.property(body, (parts) => {
        const bytes = new Uint8Array(Buffer.from(`--b\r\n${parts.join('')}`));
        try {
          const form = parseFormData(bytes, 'multipart/form-data; boundary=b');
          expect([...form.entries()].length).toBeLessThan(20);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
        }
      }),
      { numRuns: 10_000 },
    );
  });

  it('bounds the number of parts and the length of their headers', () => {
    const part = '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n\r\n';
    const type = 'multipart/form-data; boundary=b';
    const read = (body: string): unknown => parseFormData(new TextEncoder().encode(body), type);
    expect(() => read(`${part.repeat(10_000)}--b--`)).not.toThrow();
    expect(() => read(`${part.repeat(10_001)}--b--`)).toThrow('more than 10000 parts');
    const long = `--b\r\nX: ${'x'.repeat(17_000)}\r\n${part.slice(5)}--b--`;
    expect(() => read(long)).toThrow(TypeError);
  });

  it('reads urlencoded bodies and refuses other types', async () => {
    const body = new TextEncoder().encode('a=1&b=%C3%BC+x');
    const form = parseFormData(body, 'Application/x-www-form-urlencoded; charset=utf-8');
    expect(await contentOf(form.entries())).toEqual([
      ['a', '1'],
      ['b', 'ü x'],
    ]);
    for (const type of [
      'text/plain',
      '',
      null,
      'multipart/form-data',
      'multipart/form-data;boundary=',
    ]) {
      expect(() => parseFormData(body, type)).toThrow(TypeError);
    }
  });

  it('finds the boundary in any form of the header', () => {
    const body =
      '--a b"c\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n--a b"c--\r\nepilogue';
    const type = 'Multipart/Form-Data ; charset="x;y" ;BOUNDARY="a b\\"c"; q=1';
    expect(parseFormData(new TextEncoder().encode(body), type).get('x')).toBe('1');
  });

  it('makes files of Blobs', () => {
    const form = new OurFormData();
    const named = new OurFile(['x'], 'own');
    form.append('a', new OurBlob(['x'], { type: 't/p' }));
    form.append('b', named);
    form.append('c', named, 'other');
    form.set('a', new OurBlob([]), 'set');
    const names = [...form.values()].map((value) => value instanceof OurFile && value.name);
    expect(names).toEqual(['set', 'own', 'other']);
    expect(form.get('b')).toBe(named);
    expect(form.get('none')).toBeNull();
    expect(form.getAll('c')).toHaveLength(1);
    form.delete('c');
    expect([form.has('c'), form.has('b')]).toEqual([false, true]);
    expect(() => form.append('d', 'text', 'name')).toThrow(TypeError);
    expect(() => new OurFormData({})).toThrow(TypeError);
    expect(Object.keys(OurFormData.prototype).toSorted()).toEqual(
      Object.keys(FormData.prototype).toSorted(),
    );
  });
});
