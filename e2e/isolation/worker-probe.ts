import { call, until } from '../testing/http-client.ts';
import { openDirectDeploy, type DirectDeploy } from '../testing/direct-deploy.ts';
import { startPlatform, type Platform } from '../testing/platform.ts';

/** Runs pieces of hostile code as workers and answers what they saw. */
export class WorkerProbe {
  readonly platform: Platform;
  readonly database: DirectDeploy;
  #count = 0;

  private constructor(platform: Platform, database: DirectDeploy) {
    this.platform = platform;
    this.database = database;
  }

  static async open(): Promise<WorkerProbe> {
    const platform = await startPlatform();
    return new WorkerProbe(platform, await openDirectDeploy(platform));
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.platform.dispose();
  }

  /** Deploys a whole module past every check; answers its host once it is routed. */
  async deploy(source: string): Promise<string> {
    this.#count += 1;
    const name = `probe-${this.#count}`;
    await this.database.deploy(name, source, { cpuMs: 2_000 });
    const host = `${name}.localhost`;
    // A worker that breaks its connection is routed, too.
    const isRouted = (): Promise<boolean> =>
      this.get(host).then(
        ({ status }) => status !== 404,
        () => true,
      );
    await until(isRouted, 5_000, `${host} is routed`);
    return host;
  }

  get(host: string, path = '/') {
    return call({ port: this.platform.port, host, path });
  }

  /** Runs the body of a handler; what it returns comes back as JSON. Throws when it failed. */
  async run(body: string, module = ''): Promise<unknown> {
    const host = await this.deploy(`${module}
      const { stringify } = JSON;
      const Answer = Response;
      const run = async (request, env, ctx) => { ${body} };
      export default {
        async fetch(request, env, ctx) {
          return new Answer(stringify((await run(request, env, ctx)) ?? null));
        },
      };`);
    const answer = await this.get(host);
    if (answer.status !== 200) {
      const reason = String(answer.headers['x-termination-reason']);
      throw new Error(`the probe ended with ${answer.status} ${reason}`);
    }
    return JSON.parse(answer.body);
  }
}
