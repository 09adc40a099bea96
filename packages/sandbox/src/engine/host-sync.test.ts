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
