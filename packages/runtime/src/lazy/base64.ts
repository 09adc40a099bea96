import { atob, btoa } from '../base64/base64.ts';
import { base64Module } from './lazy-modules.ts';

const exports = { atob, btoa };

export type Base64Exports = typeof exports;
base64Module.provide(exports);
