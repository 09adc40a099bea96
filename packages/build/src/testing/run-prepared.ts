import { createLogger, type WorkerLimits } from '@openworkers/core';
import { bundleTestRuntime, TestEngine, type TestRequest } from '@openworkers/sandbox/testing';
import {
  prepareVersion,
  type PreparedVersion,
  type PrepareVersionOptions,
} from '../prepare-version.ts';

export interface Answer {
  readonly status: number | undefined;
  readonly headers: Headers;
  readonly body: string;
}

/** A worker from its source to its answers: prepared as a deploy does, run by the real engine. */
export class PreparedWorker {
  readonly prepared: PreparedVersion;
  readonly #engine: TestEngine;

  private constructor(prepared: PreparedVersion, engine: TestEngine) {
    this.prepared = prepared;
    this.#engine = engine;
  }

  static async start(
    options: Omit<PrepareVersionOptions, 'log' | 'env'>,
    limits: Partial<WorkerLimits> = {},
  ): Promise<PreparedWorker> {
    const prepared = await prepareVersion({
      ...options,
      env: [{ key: 'GREETING', type: 'var', shape: 'openworkers' }],
      log: createLogger({ role: 'test', level: 'silent' }),
    });
    const engine = new TestEngine({
      runtimeScript: bundleTestRuntime(),
      workers: { worker: prepared.code },
      limits,
    });
    return new PreparedWorker(prepared, engine);
  }

  /** @throws Error with what the worker logged when the response is not complete */
  async fetch(
    path: string,
    init: Omit<TestRequest, 'url' | 'body'> & { body?: string } = {},
  ): Promise<Answer> {
    const { body, ...request } = init;
    const answer = await this.#engine.fetch('worker', {
      ...request,
      url: `http://worker.localhost${path}`,
      ...(body !== undefined && { method: init.method ?? 'POST', body: bodyOf(body) }),
    });
    if (!answer.isComplete) {
      const logs = this.#engine.logs.map(({ message, stack }) => `${message}\n${stack ?? ''}`);
      throw new Error(`${path}: ${answer.failure}\n${logs.join('\n')}`);
    }
    const lines = answer.headers === '' ? [] : answer.headers.split('\n');
    const headers = new Headers();
    for (let i = 0; i < lines.length; i += 2) headers.append(lines[i] ?? '', lines[i + 1] ?? '');
    return { status: answer.status, headers, body: answer.body };
  }

  /** The parsed body of a GET request's answer. */
  async json(path: string): Promise<unknown> {
    const { status, body } = await this.fetch(path);
    if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
    return JSON.parse(body);
  }

  dispose(): void {
    this.#engine.dispose();
  }
}

function bodyOf(text: string): NonNullable<TestRequest['body']> {
  return {
    start(sink) {
      sink.chunk(new TextEncoder().encode(text));
      sink.end();
    },
    pull() {},
    cancel() {},
  };
}
