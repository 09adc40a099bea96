const MiB = 1024 * 1024;

/**
 * How fast code can make the process grow (measured: 0.5 MiB for each ms of CPU with formatters, 1.4
 * with arrays and tables, 2.0 with fresh WebAssembly memory; the system's page faults are the bound).
 */
const mostBytesPerMs = 4 * MiB;

/** What the running slice of one isolate made the process grow by, as far as that can be told. */
export class SliceGrowth {
  /** CPU of the slice as the watchdog estimates it. */
  cpuMs = 0;
  /** Never more than its CPU time could have made. */
  bytes = 0;
  #sliceStartedAt = 0;
  /** CPU since the growth was looked at last. */
  #newCpuMs = 0;

  get newCpuMs(): number {
    return this.#newCpuMs;
  }

  /** Adds CPU time of the slice that started then; another slice starts from nothing. */
  addCpu(sliceStartedAt: number, cpuMs: number): void {
    if (sliceStartedAt !== this.#sliceStartedAt) this.#reset(sliceStartedAt);
    this.cpuMs += cpuMs;
    this.#newCpuMs += cpuMs;
  }

  addBytes(bytes: number): void {
    const most = this.cpuMs * mostBytesPerMs;
    this.bytes = Math.min(Math.max(0, this.bytes + bytes), most);
    this.#newCpuMs = 0;
  }

  #reset(sliceStartedAt: number): void {
    this.#sliceStartedAt = sliceStartedAt;
    this.cpuMs = 0;
    this.#newCpuMs = 0;
    this.bytes = 0;
  }
}
