import { AbortController } from '../events/abort-controller.ts';
import { AbortSignal } from '../events/abort-signal.ts';
import { CustomEvent } from '../events/custom-event.ts';
import { ErrorEvent } from '../events/error-event.ts';
import { EventTarget } from '../events/event-target.ts';
import { Event } from '../events/event.ts';
import { eventsModule } from './lazy-modules.ts';

const exports = { AbortController, AbortSignal, CustomEvent, ErrorEvent, Event, EventTarget };

export type EventExports = typeof exports;
eventsModule.provide(exports);
