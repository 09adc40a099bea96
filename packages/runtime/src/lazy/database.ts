import { createDatabase } from '../bindings/database/create-database.ts';
import { databaseModule } from './lazy-modules.ts';

const exports = { createDatabase };

export type DatabaseExports = typeof exports;
databaseModule.provide(exports);
