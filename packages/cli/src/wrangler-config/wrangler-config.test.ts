import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findWranglerConfig } from './wrangler-config.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ow-wrangler-'));
  mkdirSync(join(folder, 'project/src'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

test('flags come from the configuration nearest to the entry point, in any of its formats', () => {
  const cwd = join(folder, 'project');
  expect(findWranglerConfig('src/index.ts', cwd)).toBeUndefined();
  write(
    'project/wrangler.toml',
    'name = "x"\ncompatibility_flags = ["nodejs_compat"]\n[vars]\nA = "1"',
  );
  expect(findWranglerConfig('src/index.ts', cwd)).toEqual({
    path: 'wrangler.toml',
    compatibilityFlags: ['nodejs_compat'],
  });
  write('project/src/wrangler.jsonc', '{ // a comment\n "compatibility_flags": ["nodejs_als",], }');
  expect(findWranglerConfig('src/index.ts', cwd)).toEqual({
    path: 'src/wrangler.jsonc',
    compatibilityFlags: ['nodejs_als'],
  });
  write('project/src/wrangler.json', '{"name":"x"}');
  expect(findWranglerConfig('src/index.ts', cwd)?.compatibilityFlags).toEqual([]);
});

test('a configuration above the working folder is somebody else’s', () => {
  write('wrangler.toml', 'compatibility_flags = ["nodejs_compat"]');
  expect(findWranglerConfig('src/index.ts', join(folder, 'project'))).toBeUndefined();
  expect(findWranglerConfig('../index.ts', join(folder, 'project'))?.path).toBe('../wrangler.toml');
});

test.each([
  ['wrangler.toml', 'a = = 1', /^wrangler\.toml: /],
  ['wrangler.jsonc', '{\n"a": }', /^wrangler\.jsonc:2: ValueExpected/],
  ['wrangler.json', '{"compatibility_flags":"nodejs_compat"}', /is not a list of texts/],
])('a broken %s is refused', (name, text, message) => {
  write(name, text);
  expect(() => findWranglerConfig('index.ts', folder)).toThrow(message);
});
