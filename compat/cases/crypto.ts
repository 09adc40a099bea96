import type { CompatCases } from '../compat-case.ts';

export const cryptoCases: CompatCases = {
  digest: `(async () => hexOf(await crypto.subtle.digest('sha-256', new TextEncoder().encode('abc'))))()`,
  'digest of an unknown algorithm': `settle(crypto.subtle.digest('MD4', new Uint8Array(1)))`,
  'HMAC sign': `(async () => { const k = await crypto.subtle.importKey('raw', new Uint8Array(16), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']); return hexOf(await crypto.subtle.sign('HMAC', k, new Uint8Array(3))); })()`,
  'a key without the usage': `(async () => { const k = await crypto.subtle.importKey('raw', new Uint8Array(16), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']); return settle(crypto.subtle.sign('HMAC', k, new Uint8Array(3))); })()`,
  'a key that cannot be exported': `(async () => { const k = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, false, ['encrypt']); return settle(crypto.subtle.exportKey('raw', k)); })()`,
  'AES-GCM known answer': `(async () => { const k = await crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', false, ['encrypt']); return hexOf(await crypto.subtle.encrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, k, new Uint8Array(4))); })()`,
  'AES-CBC known answer': `(async () => { const k = await crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-CBC', false, ['encrypt']); return hexOf(await crypto.subtle.encrypt({ name: 'AES-CBC', iv: new Uint8Array(16) }, k, new Uint8Array(4))); })()`,
  'PBKDF2 known answer': `(async () => { const k = await crypto.subtle.importKey('raw', new TextEncoder().encode('password'), 'PBKDF2', false, ['deriveBits']); return hexOf(await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(8), iterations: 1000 }, k, 256)); })()`,
  'HKDF known answer': `(async () => { const k = await crypto.subtle.importKey('raw', new Uint8Array(16), 'HKDF', false, ['deriveBits']); return hexOf(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(8), info: new Uint8Array(4) }, k, 128)); })()`,
  'ECDSA round trip': `(async () => { const a = { name: 'ECDSA', namedCurve: 'P-256' }; const { privateKey, publicKey } = await crypto.subtle.generateKey(a, false, ['sign', 'verify']); const h = { name: 'ECDSA', hash: 'SHA-256' }; const s = await crypto.subtle.sign(h, privateKey, new Uint8Array(3)); return [s.byteLength, await crypto.subtle.verify(h, publicKey, s, new Uint8Array(3)), await crypto.subtle.verify(h, publicKey, s, new Uint8Array(4))]; })()`,
  'Ed25519 round trip': `(async () => { const { privateKey, publicKey } = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']); const s = await crypto.subtle.sign('Ed25519', privateKey, new Uint8Array(3)); return [s.byteLength, await crypto.subtle.verify('Ed25519', publicKey, s, new Uint8Array(3))]; })()`,
  'JWK export': `(async () => { const k = await crypto.subtle.importKey('raw', new Uint8Array(16), { name: 'AES-CTR' }, true, ['encrypt', 'decrypt']); return Object.entries(await crypto.subtle.exportKey('jwk', k)).filter(([, value]) => value !== undefined).sort(); })()`,
  'getRandomValues refuses floats': `tryOut(() => crypto.getRandomValues(new Float32Array(1)))`,
  'getRandomValues refuses too much': `tryOut(() => crypto.getRandomValues(new Uint8Array(65537)))`,
  'randomUUID has its form': `/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())`,
  timingSafeEqual: `[crypto.subtle.timingSafeEqual(new Uint8Array([1]), new Uint8Array([1])), crypto.subtle.timingSafeEqual(new Uint8Array([1]), new Uint8Array([2]))]`,
  DigestStream: `(async () => { const d = new crypto.DigestStream('SHA-256'); const w = d.getWriter(); w.write(new TextEncoder().encode('abc')); await w.close(); return hexOf(await d.digest); })()`,
};
