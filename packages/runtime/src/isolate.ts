// First: everything else captures what this leaves of the language.
import './harden/index.ts';
import { createContextModule } from './async-context/context-module.ts';
import { swapContext } from './async-context/context.ts';
import { contextModuleName, enterOps, hostOps } from './boundary.ts';
import type { BootIsolate, EnterIsolate, EnvDescriptor, InstallOptions } from './boundary.ts';
import { createConsole } from './console/console.ts';
import { LogWriter } from './console/log-writer.ts';
import { CurrentEvent } from './dispatch/current-event.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { EventState } from './dispatch/event-state.ts';
import { receiveChannel } from './dispatch/channels.ts';
import { receiveCallResult } from './dispatch/host-calls.ts';
import { connectHost, host } from './dispatch/host.ts';
import { connectServices, forEver } from './dispatch/services.ts';
import { fetch } from './fetch/fetch.ts';
import {
  defineFixedGlobal,
  defineFunctions,
  defineInterfaces,
  defineOperations,
} from './globals.ts';
import { createEnv } from './handlers/env.ts';
import { GlobalScope } from './handlers/global-scope.ts';
import { Listeners } from './handlers/listeners.ts';
import { WorkerHandlers } from './handlers/worker-handlers.ts';
import { collectGarbage } from './harden/collect-garbage.ts';
import { defineGlobal } from './lazy/define-global.ts';
import { hideLazyGetters } from './lazy/lazy-globals.ts';
import { reportRejection } from './handlers/report-rejection.ts';
import { createWorkersModule } from './modules/workers-module.ts';
import { globalObject, JSONParse, ReflectDeleteProperty, ReflectGet } from './primordials.ts';
import { createScheduler, createTimerFunctions } from './timers/timer-functions.ts';
import { Timers } from './timers/timers.ts';
import { defineWasmStreaming } from './web-assembly/define-wasm-streaming.ts';

/*
 * The entry of the script that runs in every isolate. Bundled with `runtimeBundleFormat`, the
 * script evaluates to `boot` and leaves nothing in the global scope.
 */

/** One isolate, from boot on; `install` makes it one worker's. */
class IsolateRuntime {
  readonly #startUp = new EventState(0, 0, (event) => this.#timers.dropAllOf(event));
  readonly #current = new CurrentEvent(this.#startUp);
  readonly #options: Mutable<InstallOptions> = {
    maxTimers: 0,
    maxLogLines: 0,
    maxLogLineBytes: 0,
    responseWindowBytes: 0,
  };
  readonly #timers = new Timers(this.#options);
  readonly #listeners = new Listeners();
  readonly #scope = new GlobalScope(this.#listeners, this.#current);
  #handlers = new WorkerHandlers(this.#listeners, {});
  #dispatcher: Dispatcher | undefined = undefined;
  #workersModule: object = {};

  constructor() {
    connectServices({
      reportException: this.#scope.reportException,
      startTimer: (run, delayMs) => this.#timers.startInternal(this.#current.event, run, delayMs),
      currentEventId: () => this.#current.event.id,
      isCurrentEventOver: () => this.#current.event.isOver,
      currentLifetime: () =>
        this.#current.event === this.#startUp ? forEver : this.#current.event,
    });
    const writer = new LogWriter(this.#current, this.#options);
    defineInterfaces();
    defineOperations();
    defineWasmStreaming();
    hideLazyGetters();
    defineGlobal('console', createConsole(writer, this.#current), false);
    defineGlobal('scheduler', createScheduler(this.#timers, this.#current), false);
    defineGlobal('global', globalObject, false);
    defineFunctions(createTimerFunctions(this.#timers, this.#current));
    defineFunctions(this.#scope.createFunctions());
    this.#scope.defineHandlers();
    defineFunctions({ fetch });
  }

  /** See `enterOps`; the sandbox gives arguments of the right types. */
  readonly enter: EnterIsolate = (op, eventId, a, b, c, d, e) => {
    swapContext(undefined);
    switch (op) {
      case enterOps.fetch:
        this.#dispatcher?.fetch({
          eventId,
          method: a as string,
          url: b as string,
          headers: c as string,
          kind: d as number,
          extras: e as string,
        });
        break;
      case enterOps.scheduled:
        this.#dispatcher?.scheduled(eventId, a as number, b as string);
        break;
      case enterOps.install:
        this.#install(a as string, b as string);
        break;
      case enterOps.exposeModules:
        defineGlobal(
          a as string,
          b === contextModuleName ? createContextModule() : this.#workersModule,
          false,
        );
        break;
      case enterOps.hideModules:
        ReflectDeleteProperty(globalObject, a as string);
        break;
      case enterOps.register:
        this.#register(a as object);
        break;
      case enterOps.callResult:
        this.#dispatcher?.resume(eventId, this.#startUp);
        receiveCallResult(a, b, c, d);
        break;
      case enterOps.unhandledRejection:
        this.#dispatcher?.resume(eventId, this.#startUp);
        reportRejection(eventId, { line: a, stack: b, type: c, text: d, name: e });
        break;
      case enterOps.collectGarbage:
        collectGarbage();
        break;
      case enterOps.channelMessage:
      case enterOps.channelData:
      case enterOps.channelEnd:
      case enterOps.channelError:
      case enterOps.channelCredit:
      case enterOps.channelHandedOver:
        this.#dispatcher?.resume(eventId, this.#startUp);
        receiveChannel(op, eventId, a, b);
        break;
      default:
        this.#dispatcher?.proceed(op, eventId, a, b, c);
    }
  };

  #install(env: string, options: string): void {
    const given = JSONParse(options) as InstallOptions;
    this.#options.maxTimers = given.maxTimers;
    this.#options.maxLogLines = given.maxLogLines;
    this.#options.maxLogLineBytes = given.maxLogLineBytes;
    this.#options.responseWindowBytes = given.responseWindowBytes;
    const frozenEnv = createEnv(JSONParse(env) as EnvDescriptor[]);
    defineFixedGlobal('env', frozenEnv);
    this.#workersModule = createWorkersModule(frozenEnv, this.#current);
    this.#handlers = new WorkerHandlers(this.#listeners, frozenEnv);
    this.#dispatcher = new Dispatcher({
      current: this.#current,
      handlers: this.#handlers,
      options: this.#options,
      timers: this.#timers,
    });
  }

  #register(namespace: object): void {
    const registered = this.#handlers.register(ReflectGet(namespace, 'default'));
    this.#startUp.end('The worker has started');
    host(hostOps.registered, 0, registered);
  }
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export const boot: BootIsolate = (hostFunction, hostSync) => {
  connectHost({ host: hostFunction, hostSync });
  return new IsolateRuntime().enter;
};
