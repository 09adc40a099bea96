import { AbortController } from '../events/abort-controller.ts';
import { AbortSignal } from '../events/abort-signal.ts';
import { CloseEvent } from '../events/close-event.ts';
import { CustomEvent } from '../events/custom-event.ts';
import { ErrorEvent } from '../events/error-event.ts';
import { EventTarget } from '../events/event-target.ts';
import { Event } from '../events/event.ts';
import { globalEvents } from '../events/global-events.ts';
import { MessageEvent } from '../events/message-event.ts';
import { PromiseRejectionEvent } from '../events/promise-rejection-event.ts';
import { eventsModule } from './lazy-modules.ts';

const exports = {
  AbortController,
  AbortSignal,
  CloseEvent,
  CustomEvent,
  ErrorEvent,
  Event,
  EventTarget,
  globalEvents,
  MessageEvent,
  PromiseRejectionEvent,
};

export type EventExports = typeof exports;
eventsModule.provide(exports);
