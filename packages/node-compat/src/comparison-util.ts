/* What deep comparison needs of `node:util`, which needs deep comparison. */
export * as types from './modules/util/types.ts';
