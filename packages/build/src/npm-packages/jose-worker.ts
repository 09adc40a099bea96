import * as jose from 'jose';

const secret = new TextEncoder().encode('a secret of at least thirty-two bytes');

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/verify') {
      const token = request.headers.get('authorization')?.slice(7) ?? '';
      try {
        const { payload } = await jose.jwtVerify(token, secret, { issuer: 'ow', audience: 'you' });
        return Response.json(payload);
      } catch (error) {
        const code = error instanceof jose.errors.JOSEError ? error.code : String(error);
        return Response.json({ code }, { status: 401 });
      }
    }
    if (pathname === '/keys') return Response.json(await signWithEveryAlgorithm());
    if (pathname === '/encrypted') return Response.json(await encryptAndDecrypt());
    const token = await new jose.SignJWT({ role: 'admin' })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('ow')
      .setAudience('you')
      .setExpirationTime('1h')
      .sign(secret);
    return new Response(token);
  },
};

async function signWithEveryAlgorithm(): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown> = {};
  for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA']) {
    const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
    const token = await new jose.SignJWT({ alg }).setProtectedHeader({ alg }).sign(privateKey);
    const key = await jose.importSPKI(await jose.exportSPKI(publicKey), alg);
    const { payload } = await jose.jwtVerify(token, key);
    seen[alg] = [payload['alg'], (await jose.exportJWK(publicKey)).kty];
  }
  return seen;
}

async function encryptAndDecrypt(): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown> = {};
  for (const alg of ['RSA-OAEP-256', 'ECDH-ES+A128KW']) {
    const { publicKey, privateKey } = await jose.generateKeyPair(alg);
    const encrypted = await new jose.EncryptJWT({ alg })
      .setProtectedHeader({ alg, enc: 'A256GCM' })
      .encrypt(publicKey);
    const { payload } = await jose.jwtDecrypt(encrypted, privateKey);
    seen[alg] = payload['alg'];
  }
  return seen;
}
