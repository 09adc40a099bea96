/*
 * Takes away, before anything else runs in an isolate, what escapes the sandbox's limits: code that
 * runs for no event, memory nobody counts, native calls that cannot be ended. Importing this file
 * does it; it must be the first import of `isolate.ts`, so that the runtime itself captures the
 * hardened functions. What each measure is for is told where it is taken; `docs/security-mutations.md`
 * says which test fails without it.
 */
import { hardenArrayBuffers } from './array-buffers.ts';
import { hardenBackgroundWork } from './background-work.ts';
import './collect-garbage.ts';
import './own-web-assembly.ts';
import { hardenCodeGeneration } from './code-generation.ts';
import { hardenNativeCalls } from './native-calls.ts';
import { hardenWebAssembly } from './web-assembly.ts';

hardenWebAssembly();
hardenArrayBuffers();
hardenBackgroundWork();
hardenCodeGeneration();
hardenNativeCalls();
