/* What the isolate provides. */
declare module 'cloudflare:workers' {
  export const env: Readonly<Record<string, unknown>>;
}
declare module 'openworkers:async-context' {
  /** Makes the context current and answers with the one that was; see the runtime's `async-context`. */
  export function swapContext(context: unknown): unknown;
}
