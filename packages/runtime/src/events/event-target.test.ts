/* oxlint-disable typescript/unbound-method -- methods are called with other receivers */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectServices } from '../dispatch/services.ts';
import { AbortController } from './abort-controller.ts';
import { CustomEvent } from './custom-event.ts';
import { ErrorEvent } from './error-event.ts';
import { EventTarget, dispatchTrusted } from './event-target.ts';
import { Event } from './event.ts';

let reported: unknown[] = [];
let seen: unknown[] = [];

beforeEach(() => {
  reported = [];
  seen = [];
  connectServices({
    currentEventId: () => 0,
    isCurrentEventOver: () => false,
    currentLifetime: () => ({ isOver: false }),
    reportException: (error) => void reported.push(error),
    startTimer: () => () => {},
  });
});
afterEach(() => expect(reported).toEqual([]));

function note(value: unknown): () => void {
  return () => void seen.push(value);
}

describe('EventTarget', () => {
  it('calls capturing listeners first, then the others, each in the order they came', () => {
    const target = new EventTarget();
    target.addEventListener('x', note(1));
    target.addEventListener('x', note(2), true);
    target.addEventListener('x', note(3));
    target.addEventListener('x', note(4), { capture: true });
    target.addEventListener('y', note(5));
    expect(target.dispatchEvent(new Event('x'))).toBe(true);
    expect(seen).toEqual([2, 4, 1, 3]);
  });

  it('holds the same listener once per phase', () => {
    const target = new EventTarget();
    const listener = note(1);
    target.addEventListener('x', listener);
    target.addEventListener('x', listener, { once: true });
    target.addEventListener('x', listener, true);
    target.dispatchEvent(new Event('x'));
    target.removeEventListener('x', listener, { capture: true });
    target.dispatchEvent(new Event('x'));
    expect(seen).toEqual([1, 1, 1]);
  });

  it('runs a once listener once, also when it dispatches again', () => {
    const target = new EventTarget();
    function again(): void {
      seen.push('called');
      target.dispatchEvent(new Event('x'));
    }
    target.addEventListener('x', again, { once: true });
    target.dispatchEvent(new Event('x'));
    expect(seen).toEqual(['called']);
  });

  it('neither calls what is added nor what is removed while it dispatches', () => {
    const target = new EventTarget();
    const late = note('late');
    const removed = note('removed');
    target.addEventListener('x', () => {
      target.addEventListener('x', late);
      target.removeEventListener('x', removed);
    });
    target.addEventListener('x', removed);
    target.dispatchEvent(new Event('x'));
    expect(seen).toEqual([]);
    target.dispatchEvent(new Event('x'));
    expect(seen).toEqual(['late']);
  });

  it('reports what listeners throw and calls the next', () => {
    const target = new EventTarget();
    const error = new Error('from a listener');
    target.addEventListener('x', () => {
      throw error;
    });
    target.addEventListener('x', { handleEvent: 1 });
    target.addEventListener('x', note('next'));
    target.dispatchEvent(new Event('x'));
    expect(reported).toEqual([error, expect.any(TypeError)]);
    expect(seen).toEqual(['next']);
    reported = [];
  });

  it('calls handleEvent of an object with the object as this', () => {
    const target = new EventTarget();
    const listener = {
      handleEvent(this: unknown, event: Event) {
        seen.push(this === listener, event.currentTarget === target, event.eventPhase);
      },
    };
    target.addEventListener('x', listener);
    const event = new Event('x');
    target.dispatchEvent(event);
    expect(seen).toEqual([true, true, 2]);
    expect([event.currentTarget, event.target, event.eventPhase]).toEqual([null, target, 0]);
  });

  it('stops at once, or before the next phase', () => {
    const target = new EventTarget();
    target.addEventListener('x', (event: Event) => event.stopPropagation(), true);
    target.addEventListener('x', note('same phase'), true);
    target.addEventListener('x', note('next phase'));
    target.dispatchEvent(new Event('x'));
    expect(seen).toEqual(['same phase']);

    const other = new EventTarget();
    other.addEventListener('x', (event: Event) => event.stopImmediatePropagation());
    other.addEventListener('x', note('never'));
    other.dispatchEvent(new Event('x'));
    expect(seen).toEqual(['same phase']);
  });

  it('cancels only cancelable events, and not from passive listeners', () => {
    const target = new EventTarget();
    target.addEventListener('x', (event: Event) => event.preventDefault(), { passive: true });
    expect(target.dispatchEvent(new Event('x', { cancelable: true }))).toBe(true);
    target.addEventListener('x', (event: Event) => event.preventDefault());
    expect(target.dispatchEvent(new Event('x'))).toBe(true);
    const event = new Event('x', { cancelable: true });
    expect(target.dispatchEvent(event)).toBe(false);
    expect([event.defaultPrevented, event.returnValue]).toEqual([true, false]);
  });

  it('removes listeners whose signal aborts', () => {
    const target = new EventTarget();
    const controller = new AbortController();
    const { signal } = controller;
    target.addEventListener('x', note(1), { signal });
    target.dispatchEvent(new Event('x'));
    controller.abort();
    target.dispatchEvent(new Event('x'));
    target.addEventListener('x', note(2), { signal });
    target.dispatchEvent(new Event('x'));
    expect(seen).toEqual([1]);
    for (const wrong of [null, {}, 1]) {
      expect(() => target.addEventListener('x', note(3), { signal: wrong })).toThrow(TypeError);
    }
  });

  it('refuses what is no event, and an event that is being dispatched', () => {
    const target = new EventTarget();
    expect(() => target.dispatchEvent({})).toThrow(TypeError);
    expect(() => target.addEventListener('x', 1)).toThrow(TypeError);
    expect(() => Reflect.apply(target.addEventListener, {}, ['x', null])).toThrow(TypeError);
    const event = new Event('x');
    target.addEventListener('x', () => {
      expect(() => target.dispatchEvent(event)).toThrow(
        expect.objectContaining({ name: 'InvalidStateError' }),
      );
    });
    target.dispatchEvent(event);
    expect(target.dispatchEvent(event)).toBe(true);
  });

  it('works for subclasses', () => {
    class Counter extends EventTarget {
      count = 0;
    }
    const counter = new Counter();
    counter.addEventListener('x', function (this: Counter) {
      this.count += 1;
    });
    counter.dispatchEvent(new Event('x'));
    expect(counter.count).toBe(1);
  });
});

describe('Event', () => {
  it('has the properties of the standard', () => {
    // Node has the constants on the constructor only.
    const names = Object.getOwnPropertyNames(Event.prototype)
      .filter((name) => !/^[A-Z_]+$/.test(name))
      .toSorted();
    const expected = Object.getOwnPropertyNames(globalThis.Event.prototype)
      // An own property, which Node has on the prototype too.
      .filter((name) => name !== 'isTrusted')
      .toSorted();
    expect(names).toEqual(expected);
    expect([Event.length, CustomEvent.length, ErrorEvent.length]).toEqual([1, 1, 1]);
    expect(Event.prototype.constructor).toBe(Event);
    expect(Reflect.get(Event, 'BUBBLING_PHASE')).toBe(3);
  });

  it('tells trusted events by an accessor that cannot be replaced', () => {
    const event = new Event('x');
    const descriptor = Object.getOwnPropertyDescriptor(event, 'isTrusted');
    const other = Object.getOwnPropertyDescriptor(new Event('y'), 'isTrusted');
    expect(descriptor?.get).toBe(other?.get);
    expect(descriptor).toMatchObject({ configurable: false, enumerable: true, set: undefined });
    dispatchTrusted(new EventTarget(), event);
    expect(Reflect.get(event, 'isTrusted')).toBe(true);
    new EventTarget().dispatchEvent(event);
    expect(Reflect.get(event, 'isTrusted')).toBe(false);
  });

  it('can be initialised again', () => {
    const event = new Event('x', { cancelable: true });
    event.preventDefault();
    event.initEvent('y', true);
    expect([event.type, event.bubbles, event.cancelable, event.defaultPrevented]).toEqual([
      'y',
      true,
      false,
      false,
    ]);
  });

  it('carries details and errors in its subclasses', () => {
    const custom = new CustomEvent('x', { detail: 0 });
    expect([custom.detail, new CustomEvent('x').detail]).toEqual([0, null]);
    custom.initCustomEvent('y', false, true, 'new');
    expect([custom.type, custom.cancelable, custom.detail]).toEqual(['y', true, 'new']);
    const error = new ErrorEvent('error', { message: 'm', lineno: '3', colno: 4, error: reported });
    expect([error.message, error.filename, error.lineno, error.colno]).toEqual(['m', '', 3, 4]);
    expect(error.error).toBe(reported);
  });
});
