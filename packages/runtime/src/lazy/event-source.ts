import { EventSource } from '../event-source/event-source.ts';
import { eventSourceModule } from './lazy-modules.ts';

const exports = { EventSource };

export type EventSourceExports = typeof exports;
eventSourceModule.provide(exports);
