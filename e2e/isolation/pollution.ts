/**
 * A worker that replaces every function of the language, and puts accessors for common names on
 * Object.prototype, then notes each use that is not its own. `/seen` tells. `then` is left out of the
 * accessors: the language itself asks every object that resolves a promise for it.
 */
export const pollution = String.raw`
const seen = Object.setPrototypeOf([], null);
const R = Response, S = ReadableStream, H = Headers;
const streamed = Uint8Array.from('/stream is fine', (letter) => letter.charCodeAt(0));
const { stringify } = JSON;
const { ownKeys, getOwnPropertyDescriptor, defineProperty, apply, construct } = Reflect;
const later = setTimeout;
let isOwn = true;
const push = (name) => { if (!isOwn) seen[seen.length] = name; };
const victims = {
  Object, Function, Array, String, Number, Boolean, Symbol, Promise, Map, Set, WeakMap, WeakSet,
  RegExp, Error, TypeError, Date, Math, JSON, Reflect, Proxy, ArrayBuffer, Uint8Array, DataView,
  BigInt, Iterator,
};
const prototypes = Object.entries(victims).flatMap(([name, value]) =>
  value.prototype === undefined ? [[name, value]] : [[name, value], [name + '.prototype', value.prototype]]);
prototypes.push(['%ArrayIterator%', Object.getPrototypeOf([][Symbol.iterator]())]);
prototypes.push(['%MapIterator%', Object.getPrototypeOf(new Map()[Symbol.iterator]())]);
prototypes.push(['%TypedArray%.prototype', Object.getPrototypeOf(Uint8Array.prototype)]);
prototypes.push(['%AsyncIterator%', Object.getPrototypeOf(Object.getPrototypeOf((async function* () {}).prototype))]);
prototypes.push(['%Generator%', Object.getPrototypeOf((function* () {}).prototype)]);
const names = ['get', 'set', 'value', 'writable', 'enumerable', 'configurable', 'status', 'headers', 'body',
  'method', 'done', 'next', 'signal', 'fetch', 'scheduled', 'key', 'kind', 'cf', 'type', 'length', 'message',
  'stack', 'name', 'cause', 'return', 'start', 'pull', 'cancel', 'highWaterMark', 'size', '0', '1', 'index',
  'mode', 'bytes', 'fatal', 'ignoreBOM', 'default', 'request', 'target', 'aborted', 'reason', 'toJSON',
  'statusText', 'url', 'redirect', 'encodeBody', 'webSocket', 'handlers', 'problem', 'id', 'callback', 'state'];
for (const [owner, object] of prototypes) {
  for (const key of ownKeys(object)) {
    const descriptor = getOwnPropertyDescriptor(object, key);
    if (key === 'constructor' || key === 'prototype' || descriptor?.configurable !== true) continue;
    const label = owner + '.' + (typeof key === 'symbol' ? key.description : key);
    if (typeof descriptor.value === 'function') {
      const original = descriptor.value;
      defineProperty(object, key, {
        __proto__: null, ...descriptor,
        value(...args) { push(label); return new.target ? construct(original, args) : apply(original, this, args); },
      });
    } else if (descriptor.get !== undefined && key !== '__proto__') {
      const original = descriptor.get;
      defineProperty(object, key, { __proto__: null, ...descriptor, get() { push('get ' + label); return apply(original, this, []); } });
    }
  }
}
for (const name of names) {
  defineProperty(Object.prototype, name, {
    __proto__: null,
    configurable: true,
    get() { push('Object.prototype.' + name + ' read'); return undefined; },
    set(value) {
      push('Object.prototype.' + name + ' written');
      defineProperty(this, name, { __proto__: null, value, writable: true, configurable: true, enumerable: true });
    },
  });
}
isOwn = false;
const own = (run) => { isOwn = true; try { return run(); } finally { isOwn = false; } };
export default {
  fetch(request) {
    const path = own(() => new URL(request.url).pathname);
    if (path === '/seen') return own(() => new R(stringify(seen)));
    if (path === '/json') return own(() => new R('/json is fine', { __proto__: null, headers: new H([['content-type', 'application/json']]) }));
    if (path === '/headers') return own(() => new R('/headers is fine', { __proto__: null, status: 200, headers: { __proto__: null, a: 'b' } }));
    if (path === '/stream') return own(() => new R(new S({ __proto__: null, start(c) { own(() => { c.enqueue(streamed); c.close(); }); } })));
    if (path === '/timer') return own(() => new Promise((resolve) => later(() => resolve(own(() => new R('/timer is fine'))), 1)));
    if (path === '/error') throw own(() => new RangeError('x'));
    return own(() => new R(path + ' is fine'));
  },
};
`;
