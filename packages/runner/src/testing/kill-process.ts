/** SIGKILL. Undefined is an error: to `process.kill`, 0 would mean the test's own process group. */
export function killProcess(pid: number | undefined): number {
  if (pid === undefined || pid <= 1) throw new Error('there is no such process');
  process.kill(pid, 'SIGKILL');
  return pid;
}

export function isAlive(pid: number | undefined): boolean {
  if (pid === undefined || pid <= 1) throw new Error('there is no such process');
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
