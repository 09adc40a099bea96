/**
 * One behaviour that both runtimes are asked for: a JavaScript expression (`await` allowed) whose
 * value is compared. An error counts as its name, because messages are nobody's contract.
 */
export type CompatCases = Readonly<Record<string, string>>;

/** A worker that evaluates all cases and answers with JSON: name → what came out. */
export function compatWorker(cases: CompatCases): string {
  const entries = Object.entries(cases).map(
    ([name, expression]) =>
      `  ${JSON.stringify(name)}: async (request, env, ctx) => (${expression}),`,
  );
  return `${support}
const cases = {
${entries.join('\n')}
};
export default {
  async fetch(request, env, ctx) {
    const results = {};
    for (const name of Object.keys(cases)) results[name] = await observe(() => cases[name](request, env, ctx));
    return Response.json(results);
  },
};
`;
}

/** What the expressions may use beside the platform. */
const support = `
const tryOut = (run) => { try { return run(); } catch (error) { return 'throws ' + error.name; } };
const settle = async (promise) => { try { return await promise; } catch (error) { return 'rejects with ' + (error?.name ?? String(error)); } };
const pairs = (iterable) => Array.from(iterable, (entry) => entry.join('='));
const textOf = (stream) => new Response(stream).text();
const bytesOf = (data) => Array.from(new Uint8Array(data)).join(' ');
const hexOf = (data) => Array.from(new Uint8Array(data), (byte) => byte.toString(16).padStart(2, '0')).join('');
const observe = async (run) => {
  try {
    const value = await run();
    return value === undefined ? 'undefined' : typeof value === 'bigint' ? String(value) : value;
  } catch (error) {
    return 'throws ' + (error?.name ?? String(error));
  }
};`;
