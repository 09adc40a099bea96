interface Attack {
  /** Names that the runtime's source mentions: each becomes an accessor of `Object.prototype`. */
  readonly propertyNames: readonly string[];
  /** Patches `constructor` properties too, so that promises are of the worker's making. */
  readonly patchConstructors: boolean;
  /** Globals that are looked at only after the attack: they are evaluated under it. */
  readonly lateNames: readonly string[];
  /** Statements that use the platform, in an async function `(request, env, ctx)`. */
  readonly exercise: string;
}

/**
 * Source of a worker that patches every built-in it can reach, collects whatever the runtime hands
 * to the patches, and tries to use it. Reading a property that an internal object lacks shows it
 * that object, and so does any method of a built-in that is called on one. It logs as JSON which
 * objects of unknown classes it saw; a host function that it saw would write a log line.
 */
export function attackWorker({
  propertyNames,
  patchConstructors,
  lateNames,
  exercise,
}: Attack): string {
  return `
const names = ${JSON.stringify(propertyNames)};
const { apply, construct, ownKeys, getOwnPropertyDescriptor, getPrototypeOf, defineProperty } = Reflect;
const seen = [];
let seenCount = 0;
const { create } = Object;
const plain = create(null);
function define(target, key, value) {
  plain.value = value; plain.writable = true; plain.configurable = true; plain.enumerable = true;
  return defineProperty(target, key, plain);
}
const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
const sources = [];
function record(value, source) {
  if (!isObject(value) || seenCount > 200000) return;
  define(seen, seenCount, value);
  define(sources, seenCount, source);
  seenCount += 1;
}

// --- every object reachable from the global one, before anything is patched ---
const known = new Set();
const setHas = Set.prototype.has.bind.bind(Set.prototype.has.call)(Set.prototype.has);
const setAdd = Set.prototype.add.bind.bind(Set.prototype.add.call)(Set.prototype.add);
function walk(root) {
  let stack = { value: root, next: null };
  while (stack !== null) {
    const { value } = stack;
    stack = stack.next;
    if (!isObject(value) || setHas(known, value)) continue;
    setAdd(known, value);
    const push = (next) => { stack = { value: next, next: stack }; };
    push(getPrototypeOf(value));
    const keys = ownKeys(value);
    for (let i = 0; i < keys.length; i += 1) {
      const descriptor = getOwnPropertyDescriptor(value, keys[i]);
      if (descriptor === undefined) continue;
      push(descriptor.get); push(descriptor.set); push(descriptor.value);
    }
  }
}
// Without touching the late ones.
function walkGlobals() {
  setAdd(known, globalThis);
  const keys = ownKeys(globalThis);
  for (let i = 0; i < keys.length; i += 1) {
    if (lateNames.includes(keys[i])) continue;
    walk(globalThis[keys[i]]);
  }
}
const lateNames = ${JSON.stringify(lateNames)};
const { stringify } = JSON;
const { log } = console;
walkGlobals();
for (const value of [function* () {}, async function* () {}, async () => {}, [][Symbol.iterator](),
  new Map().entries(), new Set().values(), ''[Symbol.iterator](), /a/[Symbol.matchAll]('a'),
  (function* () {})(), (async function* () {})(), Iterator.from({ next() {} })]) walk(value);

// --- patches ---
const { Proxy: OriginalProxy } = globalThis;
const watch = (constructor, label) =>
  new OriginalProxy(constructor, {
    __proto__: null,
    apply(target, self, args) {
      record(self, label + ' this'); record(args, label + ' arguments');
      for (let i = 0; i < args.length; i += 1) record(args[i], label + ' argument');
      return apply(target, self, args);
    },
    construct(target, args, newTarget) {
      record(newTarget, label + ' newTarget');
      for (let i = 0; i < args.length; i += 1) record(args[i], label + ' argument');
      return construct(target, args, newTarget);
    },
  });
const skipped = new Set([Object.prototype, globalThis]);
function patch(target, key) {
  const descriptor = getOwnPropertyDescriptor(target, key);
  if (descriptor === undefined || !descriptor.configurable) return;
  const label = String(key);
  const wrap = (original, kind) => function (...args) {
    record(this, kind + label + ' this');
    for (let i = 0; i < args.length; i += 1) record(args[i], kind + label + ' argument');
    const result = new.target === undefined ? apply(original, this, args) : construct(original, args, new.target);
    record(result, kind + label + ' result');
    return result;
  };
  const changed = create(null);
  changed.configurable = true;
  if (key === 'constructor' && !${patchConstructors}) return;
  if (typeof descriptor.value === 'function') {
    changed.writable = true;
    // A proxy keeps a constructor's prototype and static methods.
    changed.value = isObject(descriptor.value.prototype)
      ? watch(descriptor.value, label)
      : wrap(descriptor.value, '');
  } else if (descriptor.get !== undefined) {
    changed.get = wrap(descriptor.get, 'get ');
    changed.set = descriptor.set && wrap(descriptor.set, 'set ');
  } else return;
  defineProperty(target, key, changed);
}
const targets = [];
let targetCount = 0;
known.forEach((value) => { if (!skipped.has(value)) define(targets, targetCount++, value); });
const wrapped = new Map();
for (let i = 0; i < targetCount; i += 1) {
  const keys = ownKeys(targets[i]);
  for (let j = 0; j < keys.length; j += 1) {
    try { patch(targets[i], keys[j]); } catch {}
  }
}
for (const key of ['Promise', 'Array', 'Object', 'Error', 'TypeError', 'RangeError', 'Map', 'Set', 'WeakMap',
  'String', 'Number', 'Boolean', 'Symbol', 'Uint8Array', 'ArrayBuffer', 'DataView', 'RegExp', 'Date', 'JSON', 'Reflect',
  'Math', 'Function', 'Proxy', 'WeakRef', 'isNaN', 'parseInt']) {
  try { patch(globalThis, key); } catch {}
}
for (let i = 0; i < names.length; i += 1) {
  const key = names[i];
  const accessor = create(null);
  accessor.configurable = true;
  accessor.get = function () { record(this, 'Object.prototype.' + key + ' read'); return undefined; };
  accessor.set = function (value) {
    record(this, 'Object.prototype.' + key + ' written');
    record(value, 'Object.prototype.' + key + ' value');
    define(this, key, value);
  };
  try { defineProperty(Object.prototype, key, accessor); } catch {}
}
for (let i = 0; i < 10; i += 1) {
  const accessor = create(null);
  accessor.configurable = true;
  accessor.get = function () { record(this, 'index read'); return undefined; };
  accessor.set = function (value) { record(this, 'index written'); record(value, 'index value'); define(this, i, value); };
  try { defineProperty(Array.prototype, i, accessor); } catch {}
}
Error.prepareStackTrace = (error, sites) => {
  record(error, 'prepareStackTrace error');
  for (let i = 0; i < sites.length; i += 1) {
    record(sites[i].getThis(), 'call site this');
    record(sites[i].getFunction(), 'call site function');
  }
  return 'stack';
};

// --- the host function, if it was seen, writes a log line ---
function tryAll() {
  const total = seenCount;
  for (let i = 0; i < total; i += 1) {
    const value = seen[i];
    if (typeof value !== 'function' || setHas(known, value)) continue;
    try { apply(value, undefined, [8, 1, 'error', 'PWNED through ' + sources[i]]); } catch {}
  }
}
// Objects whose class is none that worker code can know.
function strangers() {
  for (let i = 0; i < lateNames.length; i += 1) walk(globalThis[lateNames[i]]);
  for (let i = 0; i < shownCount; i += 1) walk(shown[i]);
  const found = create(null);
  for (let i = 0; i < seenCount; i += 1) {
    const value = seen[i];
    let prototype = null;
    try { prototype = getPrototypeOf(value); } catch { continue; }
    if (setHas(own, value) || setHas(known, value)) continue;
    if (prototype === null || !setHas(known, prototype)) {
      const keys = [];
      try { const all = ownKeys(value); for (let k = 0; k < all.length; k += 1) define(keys, k, String(all[k])); } catch {}
      define(found, sources[i], keys);
    }
  }
  return found;
}
const shown = [];
let shownCount = 0;
// What the platform is meant to show, besides what the global object leads to.
const show = (value) => { define(shown, shownCount++, value); return value; };
const own = new Set();
const mine = (value) => { setAdd(own, value); return value; };
for (const value of [plain, seen, sources, known, own, skipped, names, targets, wrapped]) mine(value);

const exercise = async (request, env, ctx) => {
  ${exercise}
};
export default mine({
  async fetch(request, env, ctx) {
    let failure = '';
    try { await exercise(request, env, ctx); } catch (error) { failure = 'failed: ' + error.message; }
    const report = create(null);
    report.failure = failure; report.seen = seenCount; report.strangers = strangers();
    log('REPORT ' + stringify(report));
    tryAll();
    return new Response('done');
  },
});
`;
}
