import type { WorkerRoute } from '../protocol/messages.ts';

/**
 * Which version serves a client: always the same one while the percentages stay, so that a client
 * does not flip between versions. Undefined when nothing serves.
 */
export function chooseVersion(route: WorkerRoute, clientAddress: string): number | undefined {
  const { serving } = route;
  if (serving.length <= 1) return serving[0]?.version;
  let point = hash(`${route.workerId} ${clientAddress}`) % 100;
  for (const { version, percent } of serving) {
    if (point < percent) return version;
    point -= percent;
  }
  return serving.at(-1)?.version;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}
