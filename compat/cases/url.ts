import type { CompatCases } from '../compat-case.ts';

export const urlCases: CompatCases = {
  'URL normalises host, port and dots': `new URL('HTTPS://EXAMPLE.com:443/a/./b/../c?q#f').href`,
  'URL with an IDN host': `new URL('http://Bücher.example/').host`,
  'URL with an IPv4 number': `new URL('http://0x7f.1/').host`,
  'URL with an IPv6 address': `new URL('http://[1:0::0:2]/').host`,
  'URL refuses a space in the host': `tryOut(() => new URL('http://a b/'))`,
  'URL.canParse': `[URL.canParse('a:b'), URL.canParse('b'), URL.canParse('b', 'http://a')]`,
  'URL.parse answers null': `URL.parse('nonsense')`,
  'URL setters ignore nonsense': `(() => { const u = new URL('http://a:80/'); u.port = '99999'; u.protocol = 'mailto'; u.host = ''; return u.href; })()`,
  'URL opaque path': `new URL('data:text/plain,a b ').href`,
  'URL searchParams is live': `(() => { const u = new URL('http://a/?x=1'); u.searchParams.append('y', 'ü &'); return u.href; })()`,
  'URLSearchParams from pairs, records and strings': `[new URLSearchParams([['a', '1']]), new URLSearchParams({ b: '2' }), new URLSearchParams('?c=3+4')].map(String)`,
  'URLSearchParams sort, has and delete with a value': `(() => { const p = new URLSearchParams('b=2&a=1&b=3'); p.sort(); const has = p.has('b', '3'); p.delete('b', '2'); return [String(p), has, p.size]; })()`,
  'URLSearchParams refuses odd pairs': `tryOut(() => new URLSearchParams([['a']]))`,
};
