/**
 * Gives up root for the user `uid:gid` before anything of a tenant is in the process. Doing it here
 * rather than at the start lets root read the program from wherever it lies (a private home folder);
 * and the kernel then lets no other process of that user attach to this one.
 *
 * @throws Error when the change did not happen: running on as root would be worse
 */
export function becomeUser(user: string | undefined): void {
  if (user === undefined) return;
  const [uid, gid] = user.split(':').map(Number);
  if (!isId(uid) || !isId(gid)) throw new Error(`not a user and group: ${user}`);
  const { setgroups, setgid, setuid } = process;
  if (setgroups === undefined || setgid === undefined || setuid === undefined) {
    throw new Error('this system has no users');
  }
  setgroups.call(process, []);
  setgid.call(process, gid);
  setuid.call(process, uid);
  if (process.getuid?.() !== uid || process.getgid?.() !== gid) {
    throw new Error(`still running as user ${process.getuid?.()}`);
  }
}

function isId(id: number | undefined): id is number {
  return id !== undefined && Number.isSafeInteger(id) && id > 0;
}
