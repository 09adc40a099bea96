/** What a worker may rely on beside the Web's APIs, as its compatibility flags say. */
export interface Compatibility {
  /** Modules and globals of Node.js. */
  readonly hasNodeModules: boolean;
  /** `AsyncLocalStorage`, also for who only tries to import it. */
  readonly hasAsyncStorage: boolean;
}

/** Reads compatibility flags by their names in Cloudflare Workers; others mean nothing here. */
export function readCompatibilityFlags(flags: readonly string[]): Compatibility {
  const hasNodeModules = flags.includes('nodejs_compat') || flags.includes('nodejs_compat_v2');
  return { hasNodeModules, hasAsyncStorage: hasNodeModules || flags.includes('nodejs_als') };
}
