export interface WorkerHosts {
  /** URL of the platform itself. */
  readonly publicUrl: URL;
  readonly baseDomain: string;
}

/** Where a worker answers: on its own host below the base domain, at the platform's scheme and port. */
export function workerUrl(name: string, { publicUrl, baseDomain }: WorkerHosts): string {
  const port = publicUrl.port === '' ? '' : `:${publicUrl.port}`;
  return `${publicUrl.protocol}//${name}.${baseDomain}${port}/`;
}
