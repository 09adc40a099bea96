/** What the probe in the trial code says about the worker's default export. */
export interface DefaultExport {
  /** Names of the functions that the platform or its peers would call. */
  readonly handlers: readonly string[];
  /** Type of the value, when it is nothing that can have handlers. */
  readonly problem?: string;
}

/** The bundler ends every module in one of two ways. */
const exportList = /export \{\n(?<names>[^{}]*)\};?\s*$/;
const commonJsExport = /export default (?<expression>[^\n]+);\s*$/;
const serviceWorkerListener = /\baddEventListener\s*\(\s*["'`](?<event>fetch|scheduled)["'`]/g;

/**
 * The worker's code with a last statement that tells, as a console line starting with `nonce`, what
 * its default export is. Lines and columns before it stay as they are. Undefined when nothing is
 * exported as default.
 */
export function addProbe(code: string, nonce: string): string | undefined {
  const names = exportList.exec(code)?.groups?.['names'];
  const local = names === undefined ? undefined : /(\S+) as default\b/.exec(names)?.[1];
  if (local !== undefined) return `${code}\n${probe(local, nonce)}`;
  const commonJs = commonJsExport.exec(code);
  const expression = commonJs?.groups?.['expression'];
  if (commonJs === null || expression === undefined) return undefined;
  const variable = `default_${nonce}`;
  return (
    `${code.slice(0, commonJs.index)}const ${variable} = ${expression};\n` +
    `export { ${variable} as default };\n${probe(variable, nonce)}`
  );
}

/** Events that a worker without exports listens for, as its text says. */
export function listenedEvents(code: string): string[] {
  const events = code.matchAll(serviceWorkerListener).map(({ groups }) => groups?.['event'] ?? '');
  return [...new Set(events)].sort();
}

/** What the probe said. */
export function readProbe(message: string, nonce: string): DefaultExport {
  // Only the worker's own author could forge it, and would fool nobody else.
  return JSON.parse(message.slice(nonce.length)) as DefaultExport;
}

function probe(local: string, nonce: string): string {
  return `;((value) => {
  const target = typeof value === 'function' ? value.prototype : value;
  const isUsable = typeof target === 'object' && target !== null;
  const names = ['fetch', 'scheduled', 'queue', 'email', 'tail', 'trace', 'alarm'];
  const handlers = isUsable ? names.filter((name) => typeof target[name] === 'function') : [];
  const problem = isUsable ? undefined : value === null ? 'null' : typeof value;
  console.log('${nonce}' + JSON.stringify({ handlers, problem }));
})(${local});
`;
}
