import { expect, test } from 'vitest';
import { evaluateInIsolate } from '../testing/isolate-driver.ts';

/** A reader that notes its events, and a promise of the last of them. */
const watched = `
  const watch = () => {
    const reader = new FileReader();
    const seen = [];
    const over = new Promise((resolve) => {
      for (const type of ['loadstart', 'progress', 'load', 'abort', 'error', 'loadend']) {
        reader['on' + type] = (event) => {
          seen.push(type + ' ' + reader.readyState + ' ' + event.loaded + '/' + event.total + ' ' + JSON.stringify(reader.result));
          if (type === 'loadend') resolve();
        };
      }
    });
    return { reader, seen, over };
  };
`;

test('a reader fires the events of the standard in order, as tasks of their own', async () => {
  const result = await evaluateInIsolate(`${watched}
    const { reader, seen, over } = watch();
    reader.readAsText(new Blob(['abc']));
    seen.push('state ' + reader.readyState);
    await over;
    const empty = watch();
    empty.reader.readAsText(new Blob());
    await empty.over;
    return [seen, empty.seen];
  `);
  expect(result).toEqual([
    [
      'state 1',
      'loadstart 1 0/3 null',
      'progress 1 3/3 null',
      'load 2 3/3 "abc"',
      'loadend 2 3/3 "abc"',
    ],
    ['loadstart 1 0/0 null', 'load 2 0/0 ""', 'loadend 2 0/0 ""'],
  ]);
});

test('a reader reads as text of any encoding, as bytes, as a binary string, as a data URL', async () => {
  const result = await evaluateInIsolate(`${watched}
    const read = async (method, parts, options, ...rest) => {
      const { reader, over } = watch();
      reader[method](new Blob(parts, options), ...rest);
      await over;
      return reader.result instanceof ArrayBuffer ? [...new Uint8Array(reader.result)] : reader.result;
    };
    const bytes = [Uint8Array.of(0x93, 0xfa)];
    return [
      await read('readAsText', bytes, {}, 'shift_jis'),
      await read('readAsText', bytes, { type: 'text/plain;charset=Shift_JIS' }),
      await read('readAsText', [Uint8Array.of(0xfe, 0xff, 0, 0x61)], {}, 'shift_jis'),
      await read('readAsText', ['ü'], {}, 'no such encoding'),
      await read('readAsText', bytes, {}, 'replacement'),
      await read('readAsArrayBuffer', bytes),
      await read('readAsBinaryString', bytes),
      await read('readAsDataURL', ['a'], { type: 'text/plain' }),
      await read('readAsDataURL', ['a']),
    ];
  `);
  expect(result).toEqual([
    '日',
    '日',
    'a',
    'ü',
    '\ufffd',
    [0x93, 0xfa],
    '\x93\xfa',
    'data:text/plain;base64,YQ==',
    'data:application/octet-stream;base64,YQ==',
  ]);
});

test('a reader can be aborted, reads one blob at a time, and takes nothing else', async () => {
  const result = await evaluateInIsolate(`${watched}
    const name = (run) => { try { run(); return 'nothing'; } catch (error) { return error.name; } };
    const { reader, seen, over } = watch();
    reader.abort();
    reader.readAsText(new Blob(['abc']));
    const refused = [() => reader.readAsText(new Blob()), () => reader.readAsText('text'), () => reader.readAsText()].map(name);
    reader.abort();
    await over;
    await scheduler.wait(5);
    const again = watch();
    again.reader.onloadstart = () => { again.reader.abort(); again.reader.readAsText(new Blob(['second'])); again.reader.onloadstart = null; };
    again.reader.readAsText(new Blob(['first']));
    await again.over;
    for (let i = 0; i < 400 && again.reader.result === null; i += 1) await scheduler.wait(5);
    return [refused, seen, again.reader.result];
  `);
  expect(result).toEqual([
    ['InvalidStateError', 'TypeError', 'TypeError'],
    ['abort 2 0/0 null', 'loadend 2 0/0 null'],
    'second',
  ]);
});
