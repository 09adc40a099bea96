/** How this run was started, and so what to type next time: `ow`, or `npx ow`. */
export function programName(env: Readonly<Record<string, string | undefined>>): string {
  return env['npm_command'] === 'exec' ? 'npx ow' : 'ow';
}
