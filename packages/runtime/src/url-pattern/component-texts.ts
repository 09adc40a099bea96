/** In the order in which patterns are compiled and matched. */
export const componentNames = [
  'protocol',
  'username',
  'password',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
] as const;

export type ComponentName = (typeof componentNames)[number];

/** https://urlpattern.spec.whatwg.org/#dictdef-urlpatterninit; what is not given is undefined. */
export class ComponentTexts implements Record<ComponentName, string | undefined> {
  protocol: string | undefined = undefined;
  username: string | undefined = undefined;
  password: string | undefined = undefined;
  hostname: string | undefined = undefined;
  port: string | undefined = undefined;
  pathname: string | undefined = undefined;
  search: string | undefined = undefined;
  hash: string | undefined = undefined;
  baseURL: string | undefined = undefined;
}
