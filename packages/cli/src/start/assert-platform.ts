import { AppError } from '@openworkers/core';

/** @throws AppError `unsupported_platform` anywhere but on Linux x64 and arm64 */
export function assertPlatform({ platform, arch }: { platform: string; arch: string }): void {
  if (platform === 'linux' && (arch === 'x64' || arch === 'arm64')) return;
  throw new AppError(
    'unsupported_platform',
    `OpenWorkers runs on Linux (x64 or arm64), not on ${platform} ${arch}`,
  );
}
