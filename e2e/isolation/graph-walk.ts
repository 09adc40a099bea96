/**
 * A function as text that runs inside a worker: visits everything reachable from some values over
 * properties, getters, prototypes and symbols. Answers the paths of objects whose prototype chain
 * does not end in this realm, and of those that look like something of the host.
 */
export const graphWalk = String.raw`(roots) => {
  const ends = new Set([Object.prototype, null]);
  const seen = new Set();
  const foreign = [];
  const suspicious = [];
  const names = /^(ivm|process|require|Buffer|binding|_linkedBinding|internalBinding|Isolate|ExternalCopy|Reference|applySync|applyIgnored|derefInto|copyInto|__dirname|mainModule|hostSync)$/;
  const queue = roots.map((value, index) => [value, 'root' + index]);
  while (queue.length > 0) {
    const [value, path] = queue.pop();
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) continue;
    if (seen.has(value)) continue;
    seen.add(value);
    let last = value;
    for (let i = 0; i < 50; i += 1) {
      const next = Object.getPrototypeOf(last);
      if (next === null) break;
      last = next;
    }
    // Module namespaces and objects made without a prototype end in themselves.
    if (!ends.has(last) && last !== value) foreign.push(path);
    if (typeof value === 'function' && value !== Function.prototype && !(value instanceof Function)) foreign.push(path + '()');
    for (const key of Reflect.ownKeys(value)) {
      const name = String(key);
      if (names.test(name)) suspicious.push(path + '.' + name);
      const descriptor = Reflect.getOwnPropertyDescriptor(value, key);
      if (descriptor === undefined) continue;
      for (const part of ['value', 'get', 'set']) {
        if (part in descriptor) queue.push([descriptor[part], path + '.' + name]);
      }
      if (descriptor.get !== undefined) {
        try { queue.push([value[key], path + '.' + name]); } catch {}
      }
    }
    queue.push([Object.getPrototypeOf(value), path + '.__proto__']);
  }
  return { foreign, suspicious, size: seen.size };
}`;
