/* oxlint-disable typescript/unbound-method -- methods are taken off their objects: as natives, they are no constructors */
import { replaceConstructor, replaceMethod, type Native } from './replace.ts';

/**
 * No code from strings, as on Cloudflare. Compiling at the very end of the stack overflows it
 * natively and takes the process along: isolated-vm 7.0.1 leaves 24 KiB, and `new Function` at the
 * bottom of a recursion was a reliable SIGSEGV.
 */
export function hardenCodeGeneration(): void {
  const { refuse } = {
    refuse(): never {
      throw new EvalError('Code generation from strings disallowed for this context');
    },
  };
  const makeRefusing = (): Native =>
    function Refusing(): never {
      return refuse();
    };
  replaceMethod(globalThis, 'eval', () => refuse);
  replaceConstructor(globalThis, 'Function', makeRefusing);
  // The constructors of the other kinds of functions have no global name.
  for (const example of [async () => {}, function* () {}, async function* () {}]) {
    const prototype = Reflect.getPrototypeOf(example);
    if (prototype !== null) replaceConstructor(prototype, 'constructor', makeRefusing);
  }
}
