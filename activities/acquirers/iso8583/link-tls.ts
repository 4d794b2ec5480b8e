import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';

/** The oldest TLS that a link speaks: what hosts of acquirers have. */
export const LINK_TLS_MIN = 'TLSv1.2' as const;

/** How one link proves who is at both ends. Paths of PEM files. */
export interface LinkTlsFiles {
  /** The authorities of which one must have signed the host's certificate; no other is believed. */
  readonly authorityFile: string;
  /** The name that the host's certificate must have; left out, the host of the link. */
  readonly serverName?: string | undefined;
  readonly certificateFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

export interface LinkTlsMaterial {
  readonly authority: string;
  /** Null = that of the host. */
  readonly serverName: string | null;
  /** Null, both: the host asks for none. */
  readonly certificate: string | null;
  readonly key: string | null;
}

/** A link's files are not there, or are not what they should be. */
export class LinkTlsUnusable extends Error {
  override readonly name = 'LinkTlsUnusable';
}

/**
 * What the files say now: for each connection anew, so that a renewed certificate needs no restart.
 * @throws LinkTlsUnusable; its text names the files and never quotes them.
 */
export async function readLinkTls(files: LinkTlsFiles): Promise<LinkTlsMaterial> {
  const { authorityFile, serverName, certificateFile, keyFile } = files;
  const [authority, certificate, key] = await Promise.all([
    read(authorityFile),
    certificateFile === undefined ? null : read(certificateFile),
    keyFile === undefined ? null : read(keyFile),
  ]);
  const usable = isUsable(authority, certificate, key);
  if (!usable)
    throw new LinkTlsUnusable(
      `${[authorityFile, certificateFile, keyFile].filter((path) => path !== undefined).join(', ')}: not PEM, or not the key of that certificate`,
    );
  return { authority, serverName: serverName ?? null, certificate, key };
}

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new LinkTlsUnusable(`${path} cannot be read`, { cause });
  });
}

function isUsable(authority: string, certificate: string | null, key: string | null): boolean {
  try {
    // What is no certificate is passed over by OpenSSL without a word.
    new X509Certificate(authority);
    if (certificate !== null && key !== null) {
      createSecureContext({ ca: authority, cert: certificate, key });
      return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
    }
    createSecureContext({ ca: authority });
    return certificate === null && key === null;
  } catch {
    return false;
  }
}
