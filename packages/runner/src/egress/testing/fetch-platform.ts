import type { Answer, CallOptions } from '../../testing/http-client.ts';
import { startTestRunner, type TestRunner } from '../../testing/test-runner.ts';
import { openTestWorkers, type TestWorkers } from '../../testing/test-workers.ts';
import { TestOrigin } from './test-origin.ts';

/** Workers in real isolates, a real runner that lets them reach loopback addresses, and an origin. */
export class FetchPlatform {
  readonly origin: TestOrigin;
  readonly workers: TestWorkers;
  readonly runner: TestRunner;
  #count = 0;

  private constructor(origin: TestOrigin, workers: TestWorkers, runner: TestRunner) {
    this.origin = origin;
    this.workers = workers;
    this.runner = runner;
  }

  static async start(): Promise<FetchPlatform> {
    const origin = new TestOrigin();
    await origin.listen();
    const workers = await openTestWorkers();
    const runner = await startTestRunner({
      databaseUrl: workers.test.roles.runner,
      config: { internalPort: 0, egressAllow: ['127.0.0.1', 'localhost'] },
    });
    return new FetchPlatform(origin, workers, runner);
  }

  async stop(): Promise<void> {
    await this.runner.stop();
    await this.origin.stop();
    await this.workers.close();
  }

  /** A worker whose `fetch` handler has this body; gives its name. */
  async deploy(body: string, name?: string): Promise<string> {
    this.#count += 1;
    const chosen = name ?? `fetcher-${this.#count}`;
    const id = await this.workers.create(chosen);
    await this.workers.deploy(
      id,
      `const origin = ${JSON.stringify(this.origin.url)};
       const failure = (error) => error.name + ': ' + error.message;
       export default { async fetch(request, env, ctx) { ${body} } };`,
    );
    return chosen;
  }

  async call(body: string, options?: Omit<CallOptions, 'port' | 'host'>): Promise<Answer> {
    return this.runner.call(await this.deploy(body), options);
  }

  /** Runs the body of an async function in a worker and gives what it returned. */
  async run(body: string): Promise<unknown> {
    const answer = await this.call(`
      const result = await (async () => { ${body} })();
      return Response.json(result === undefined ? null : result);`);
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`);
    const result: unknown = JSON.parse(answer.body);
    return result;
  }
}
