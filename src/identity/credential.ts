import { readFile, writeFile } from 'node:fs/promises';
import { exportJWK, generateKeyPair, importJWK, jwtVerify, SignJWT } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import { z } from 'zod';

const ISSUER = 'remit';
const KeySchema = z.looseObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  d: z.string(),
});

/** Who may do what with a credential: one agent, one job, one action, until one moment. */
export interface CredentialClaims {
  readonly agent: string;
  readonly jobId: string;
  readonly action: string;
  /** Epoch milliseconds; rounded down to the second, so never later than the lease. */
  readonly expiresAt: number;
}

/** Mints short-lived ES256 tokens in an agent's own name; targets verify them with the public half. */
export class CredentialBroker {
  readonly #privateKey: CryptoKey;
  readonly #publicKey: CryptoKey;

  private constructor(privateKey: CryptoKey, publicKey: CryptoKey) {
    this.#privateKey = privateKey;
    this.#publicKey = publicKey;
  }

  /** Reads the key, or makes one (mode 0600) when the file is not there yet. */
  static async open(keyFile: string): Promise<CredentialBroker> {
    const jwk = await readFile(keyFile, 'utf8').then(
      (text): JWK => KeySchema.parse(JSON.parse(text)),
      () => makeKey(keyFile),
    );
    const { d: _secret, ...open } = jwk;
    return new CredentialBroker(
      (await importJWK(jwk, 'ES256')) as CryptoKey,
      (await importJWK(open, 'ES256')) as CryptoKey,
    );
  }

  async mint({ agent, jobId, action, expiresAt }: CredentialClaims): Promise<string> {
    return new SignJWT({ job: jobId, action })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer(ISSUER)
      .setSubject(agent)
      .setExpirationTime(Math.floor(expiresAt / 1000))
      .sign(this.#privateKey);
  }

  /** Whether this is a live credential of this agent; for targets of ours, such as the local mail server. */
  async verify(agent: string, token: string): Promise<boolean> {
    return jwtVerify(token, this.#publicKey, {
      issuer: ISSUER,
      subject: agent,
      algorithms: ['ES256'],
      requiredClaims: ['exp'],
    }).then(
      () => true,
      () => false,
    );
  }
}

async function makeKey(keyFile: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  await writeFile(keyFile, JSON.stringify(jwk), { mode: 0o600, flag: 'wx' });
  return jwk;
}
