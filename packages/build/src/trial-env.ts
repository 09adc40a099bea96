import { bindingDescriptor, type EnvDescriptor } from '@openworkers/runtime';

/** A key of an environment, without its value. */
export interface EnvKey {
  readonly key: string;
  readonly type: string;
  readonly shape: 'openworkers' | 'cloudflare';
}

/**
 * `env` as a trial start sees it: texts are placeholders, bindings have their methods, and nothing
 * answers them.
 */
export function trialEnv(keys: readonly EnvKey[]): EnvDescriptor[] {
  return keys.flatMap((each): EnvDescriptor[] => {
    const { key, type } = each;
    if (type === 'var' || type === 'secret') return [{ key, kind: 'text', value: 'placeholder' }];
    const descriptor = bindingDescriptor(each);
    return descriptor === undefined ? [] : [descriptor];
  });
}
