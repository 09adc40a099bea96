import { createCacheStorage, CacheStorage } from '../cache/cache-storage.ts';
import { Cache } from '../cache/cache.ts';
import { cacheModule } from './lazy-modules.ts';

const exports = { Cache, CacheStorage, caches: createCacheStorage() };

export type CacheExports = typeof exports;
cacheModule.provide(exports);
