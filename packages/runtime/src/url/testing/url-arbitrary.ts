import fc from 'fast-check';

/*
 * Text that looks enough like a URL to reach every state of a parser, and enough unlike one to
 * reach its errors.
 */

const schemes = [
  'http:',
  'https:',
  'ws:',
  'wss:',
  'ftp:',
  'file:',
  'foo:',
  'data:',
  'HTTP:',
  'a+b-.1:',
];
const slashes = ['', '/', '//', '///', '\\', '\\\\', '/\\', '\t//', '/./'];
const credentials = ['', '', 'user@', 'user:pass@', ':@', '@', 'a:b:c@', 'ü@', 'a@b@', "'%@"];
// prettier-ignore -- a line is a group
const hosts = [
  '',
  'example.com',
  'EXAMPLE.com',
  'a',
  'a..b',
  'a.',
  '.',
  '-a-',
  'a_b',
  'xn--a',
  'xn--mgba3gch',
  'münchen.de',
  'faß.de',
  '日本。jp',
  '\u00ad',
  'a\u00adb',
  'ab<c',
  '<\u0338',
  'a%41',
  '%ff',
  'a%2fb',
  '127.0.0.1',
  '1.2.3',
  '0x7f.1',
  '0300.1',
  '256',
  '4294967296',
  '1.2.3.4.5',
  '1.2.3.08',
  '0x',
  '1e2',
  '1.2.3.4.',
  '999999999999',
  '09.1',
  '[::1]',
  '[1:2:3:4:5:6:7:8]',
  '[1::8]',
  '[::1.2.3.4]',
  '[::ffff:0:1]',
  '[1:0:0:2::3]',
  '[::1',
  '[g::]',
  '[::1.2.3.04]',
  '[1::2::3]',
  '[]',
  'C:',
  'C|',
  'localhost',
  'a b',
  'a\tb',
  'a^b',
  'a|b',
  '１２７．１',
  '℡',
  '🍕.ws',
  'a\u0000b',
  'a\u007fb',
];
const ports = ['', '', '', ':80', ':443', ':', ':0', ':65535', ':65536', ':8a', ':00080', ':\t21'];
// prettier-ignore -- a line is a group
const segments = [
  '/',
  '/a',
  '/b/c',
  '/.',
  '/..',
  '/%2e',
  '/.%2E',
  '//',
  '/C:',
  '/c|',
  '/C:/',
  'x',
  '\\',
  '\\..\\',
  '/ü',
  '/ ',
  '/%',
  '/%zz',
  '/<>"`{}^|',
  '/a;b',
  '/🍕',
  '/..a',
  '/...',
  "/'",
  'C|/',
  ' ',
  '/\u0080',
];
const queries = ['', '', '?', '?a=b', '?\'"<> ', '?ü', '??', '?a?b', '?%zz', '?\\', '?\n'];
const fragments = ['', '', '#', '#a', '#`<>" ', '#ü', '##', '#\t'];

const anything = fc.string({ unit: 'binary', maxLength: 4 }).map((text) => text.toWellFormed());

function oneOf(values: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...values) },
    { weight: 1, arbitrary: anything },
  );
}

const path = fc.array(oneOf(segments), { maxLength: 4 }).map((parts) => parts.join(''));

/** An absolute URL, a relative reference, or neither. */
export const urlText: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof(oneOf(schemes), fc.constant('')),
    oneOf(slashes),
    oneOf(credentials),
    oneOf(hosts),
    oneOf(ports),
    path,
    oneOf(queries),
    oneOf(fragments),
  )
  .map((parts) => parts.join(''));

/** A value for the setter of a URL's property. */
export const urlPart: fc.Arbitrary<string> = fc.oneof(
  urlText,
  path,
  ...[schemes, hosts, ports, queries, fragments, credentials].map((values) => oneOf(values)),
  fc.tuple(oneOf(hosts), oneOf(ports)).map((parts) => parts.join('')),
  fc.constantFrom('80', '443', '8080', '99999', '1a', ' 1', '', 'https', 'file', 'foo'),
);
