/** Base class of `cloudflare:workers`: one instance per event, with `this.env` and `this.ctx`. */
export class WorkerEntrypoint {
  ctx: unknown;
  env: unknown;

  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}
