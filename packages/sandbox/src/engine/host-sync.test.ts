import { hostSyncOps } from '@openworkers/runtime';
import { expect, test } from 'vitest';
import { answerSync } from './host-sync.ts';

test('a domain is turned into ASCII, and refused when its Punycode decodes to nothing allowed', () => {
  const domains = [
    'münchen.de',
    'xn--mnchen-3ya.de',
    'xn--',
    'a.xn--pokxncvks',
    'xn--a.ß',
    'ｘｎ－－a.example',
    // A character that is mapped to others never comes out of an encoder.
    'xn--zn7c.com',
  ];
  expect(domains.map((domain) => answerSync(hostSyncOps.domainToAscii, domain, undefined))).toEqual(
    ['xn--mnchen-3ya.de', 'xn--mnchen-3ya.de', '', '', '', '', ''],
  );
});

test('what is malformed or too large is not answered', () => {
  const questions = [
    [hostSyncOps.domainToAscii, 'a'.repeat(1025), undefined],
    [hostSyncOps.domainToAscii, 5, undefined],
    [hostSyncOps.randomBytes, 65_537, undefined],
    [hostSyncOps.randomBytes, Number.NaN, undefined],
    [hostSyncOps.decodeText, 'big5', 'text'],
    [hostSyncOps.decodeText, 'no-such-encoding', new ArrayBuffer(1)],
    [999, undefined, undefined],
  ] as const;
  expect(questions.map(([op, a, b]) => answerSync(op, a, b))).toEqual(
    questions.map(() => undefined),
  );
});

test('bytes are decoded by the tables of the standard', () => {
  const samples = [
    ['euc-kr', [0x81, 0x41, 0xb0, 0xa1], '갂가'],
    ['big5', [0x87, 0x40, 0xa4, 0xa4], '䏰中'],
    // A pair that means nothing: the ASCII byte in it stays.
    ['big5', [0x81, 0x40], '\ufffd@'],
    ['gb18030', [0x81, 0x30, 0x81, 0x30, 0xff], '\x80\ufffd'],
    ['koi8-r', [0xf4, 0xc5], 'Те'],
  ] as const;
  for (const [encoding, bytes, text] of samples) {
    const answer = answerSync(hostSyncOps.decodeText, encoding, Uint8Array.from(bytes).buffer);
    expect([encoding, answer]).toEqual([encoding, text]);
  }
  const tooMuch = new ArrayBuffer(65_537);
  expect(answerSync(hostSyncOps.decodeText, 'big5', tooMuch)).toBeUndefined();
});
