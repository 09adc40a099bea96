import { URLPattern } from '../url-pattern/url-pattern.ts';
import { urlPatternModule } from './lazy-modules.ts';

const exports = { URLPattern };

export type UrlPatternExports = typeof exports;
urlPatternModule.provide(exports);
