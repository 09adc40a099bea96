import { createAssets } from '../bindings/assets/assets.ts';
import { createStorage } from '../bindings/storage/create-storage.ts';
import { storageModule } from './lazy-modules.ts';

const exports = { createAssets, createStorage };

export type StorageExports = typeof exports;
storageModule.provide(exports);
