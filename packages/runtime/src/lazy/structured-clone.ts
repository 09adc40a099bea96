import { structuredClone } from '../structured-clone/structured-clone.ts';
import { structuredCloneModule } from './lazy-modules.ts';

const exports = { structuredClone };

export type StructuredCloneExports = typeof exports;
structuredCloneModule.provide(exports);
