import { DOMException } from '../dom-exception/dom-exception.ts';
import { QuotaExceededError } from '../dom-exception/quota-exceeded-error.ts';
import { domExceptionModule } from './lazy-modules.ts';

const exports = { DOMException, QuotaExceededError };

export type DomExceptionExports = typeof exports;
domExceptionModule.provide(exports);
