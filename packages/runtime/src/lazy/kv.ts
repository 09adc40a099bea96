import { createKv } from '../bindings/kv/create-kv.ts';
import { kvModule } from './lazy-modules.ts';

const exports = { createKv };

export type KvExports = typeof exports;
kvModule.provide(exports);
