const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * One Ctrl-C arrives twice when the terminal and `npm start` both pass it on; only a signal that
 * comes later than this means impatience.
 */
const echoMs = 500;

export interface StopSignals {
  /** Aborted by the first signal: drain and stop. */
  readonly requested: AbortSignal;
  /** Aborted by a further one: stop now. */
  readonly forced: AbortSignal;
  /** Stops listening: signals end the process again. */
  dispose(): void;
}

/** Listens for SIGINT, SIGTERM, SIGHUP, and for the end of a launcher that holds our IPC channel. */
export function listenForStop(process: NodeJS.Process): StopSignals {
  const requested = new AbortController();
  const forced = new AbortController();
  let firstAt: number | undefined;
  const onSignal = (): void => {
    const now = performance.now();
    firstAt ??= now;
    if (!requested.signal.aborted) requested.abort();
    else if (now - firstAt > echoMs) forced.abort();
  };
  const onDisconnect = (): void => requested.abort();
  for (const signal of signals) process.on(signal, onSignal);
  process.on('disconnect', onDisconnect);
  // Listening must not keep the process alive.
  process.channel?.unref();
  return {
    requested: requested.signal,
    forced: forced.signal,
    dispose() {
      for (const signal of signals) process.off(signal, onSignal);
      process.off('disconnect', onDisconnect);
    },
  };
}
