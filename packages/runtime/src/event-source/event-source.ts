/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { currentLifetime, startTimer } from '../dispatch/services.ts';
import { DOMException } from '../dom-exception/dom-exception.ts';
import { EventHandler } from '../events/event-handler.ts';
import { dispatchTrusted, EventTarget } from '../events/event-target.ts';
import { Event } from '../events/event.ts';
import { MessageEvent } from '../events/message-event.ts';
import { urlModule } from '../lazy/lazy-modules.ts';
import { MathMax, MathMin } from '../primordials.ts';
import { requireArguments, toDictionary, toUsvString } from '../webidl/convert.ts';
import { defineConstants, defineInterface } from '../webidl/define-interface.ts';
import { EventSourceConnection, type ConnectionOwner } from './event-source-connection.ts';
import type { ServerEvent } from './event-stream-parser.ts';

const readyStates = { connecting: 0, open: 1, closed: 2 } as const;

const defaultDelayMs = 3000;
/** Whatever a server says: connecting all the time would be an attack on it. */
const shortestDelayMs = 100;
const longestDelayMs = 86_400_000;

/** https://html.spec.whatwg.org/#the-eventsource-interface; it ends with the event that made it. */
export class EventSource extends EventTarget {
  readonly #source: Source;

  constructor(url: unknown, init: unknown = undefined) {
    super();
    requireArguments(arguments.length, 1, 'EventSource constructor');
    const text = toUsvString(url);
    const options = toDictionary<'withCredentials'>(init, 'EventSource constructor');
    const { parseUrl, serializeUrl } = urlModule.value;
    const record = parseUrl(text, undefined);
    if (record === undefined) throw new DOMException(`${text} is not a valid URL`, 'SyntaxError');
    this.#source = new Source(this, serializeUrl(record), !!options.withCredentials);
  }

  get url(): string {
    return this.#source.url;
  }

  get withCredentials(): boolean {
    return this.#source.withCredentials;
  }

  get readyState(): number {
    return this.#source.readyState;
  }

  get onopen(): unknown {
    return this.#source.onopen.value;
  }

  set onopen(value: unknown) {
    this.#source.onopen.set(value);
  }

  get onmessage(): unknown {
    return this.#source.onmessage.value;
  }

  set onmessage(value: unknown) {
    this.#source.onmessage.set(value);
  }

  get onerror(): unknown {
    return this.#source.onerror.value;
  }

  set onerror(value: unknown) {
    this.#source.onerror.set(value);
  }

  close(): void {
    this.#source.close();
  }

  static {
    defineInterface(this, 'EventSource');
    defineConstants(this, [
      ['CONNECTING', readyStates.connecting],
      ['OPEN', readyStates.open],
      ['CLOSED', readyStates.closed],
    ]);
  }
}

/** What is behind an EventSource: one connection after another. */
class Source implements ConnectionOwner {
  readonly url: string;
  readonly withCredentials: boolean;
  readonly onopen: EventHandler;
  readonly onmessage: EventHandler;
  readonly onerror: EventHandler;
  readyState: number = readyStates.connecting;
  readonly #target: EventSource;
  readonly #lifetime = currentLifetime();
  #connection: EventSourceConnection | undefined;
  #cancelTimer: (() => void) | undefined = undefined;
  #delayMs = defaultDelayMs;
  #lastEventId = '';
  #origin = '';

  constructor(target: EventSource, url: string, withCredentials: boolean) {
    this.#target = target;
    this.url = url;
    this.withCredentials = withCredentials;
    this.onopen = new EventHandler(target, 'open');
    this.onmessage = new EventHandler(target, 'message');
    this.onerror = new EventHandler(target, 'error');
    this.#connect();
  }

  close(): void {
    this.readyState = readyStates.closed;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#connection?.close(new DOMException('The EventSource was closed', 'AbortError'));
    this.#connection = undefined;
  }

  opened(url: string): void {
    this.readyState = readyStates.open;
    this.#origin = new urlModule.value.URL(url).origin;
    this.#fire('open');
  }

  event({ type, data, lastEventId }: ServerEvent): void {
    this.#lastEventId = lastEventId;
    if (type === '' || this.readyState === readyStates.closed) return;
    const init = { __proto__: null, data, lastEventId, origin: this.#origin };
    dispatchTrusted(this.#target, new MessageEvent(type, init));
  }

  retry(delayMs: number): void {
    this.#delayMs = MathMin(longestDelayMs, MathMax(shortestDelayMs, delayMs));
  }

  overflow(): void {
    this.failed();
  }

  failed(): void {
    this.close();
    this.#fire('error');
  }

  /** https://html.spec.whatwg.org/#reestablish-the-connection */
  ended(): void {
    this.#connection = undefined;
    if (this.readyState === readyStates.closed) return;
    if (this.#lifetime.isOver) {
      this.readyState = readyStates.closed;
      return;
    }
    this.readyState = readyStates.connecting;
    this.#fire('error');
    // A listener may have closed it.
    if (this.#isClosed()) return;
    this.#cancelTimer = startTimer(() => {
      this.#cancelTimer = undefined;
      this.#connect();
    }, this.#delayMs);
  }

  #isClosed(): boolean {
    return this.readyState === readyStates.closed;
  }

  #connect(): void {
    this.#connection = new EventSourceConnection(this.url, this.#lastEventId, this);
  }

  #fire(type: string): void {
    dispatchTrusted(this.#target, new Event(type));
  }
}
