import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Config } from './config.ts';
import { every } from './every.ts';
import type { Logger } from './logger.ts';

/** Where a process keeps who it is, and whom it believes. All PEM. */
export interface TlsFiles {
  /** Its certificate, with what leads to the authority where there is something between. */
  readonly certificate: string;
  readonly key: string;
  /** The authorities whose certificates are believed, one or more; null = no caller is asked for one. */
  readonly authority: string | null;
}

/** The files as the settings of a process say them. */
export function tlsFilesOf(
  config: Config<'tlsCertificateFile' | 'tlsKeyFile' | 'tlsAuthorityFile'>,
): TlsFiles {
  return {
    certificate: config.tlsCertificateFile,
    key: config.tlsKeyFile,
    authority: config.tlsAuthorityFile,
  };
}

/** What the files said when they were last whole. */
export interface TlsMaterial {
  readonly certificate: string;
  readonly key: string;
  /** Empty where no authority was named. */
  readonly authority: string;
  /** SHA-256 of the certificate. */
  readonly fingerprint: string;
  readonly validTo: Date;
}

/** A process's certificate, which may be renewed while it runs. */
export interface TlsSource {
  current(): TlsMaterial;
  /** Told each time other files were taken. */
  onChange(listener: (material: TlsMaterial) => void): void;
  close(): void;
}

/** The files are not there, cannot be read, or do not belong together. */
export class TlsFilesUnusable extends Error {
  override readonly name = 'TlsFilesUnusable';
}

/** Only TLS 1.3 between our processes. */
export const TLS_VERSION = 'TLSv1.3';

/** How often the files are looked at. Contents are compared, so it does not matter how they were replaced. */
const POLL_MS = 2_000;
/** A certificate that ends this soon is worth a line, once a day (ms). */
const EXPIRY_NEAR_MS = 14 * 86_400_000;
const DAY_MS = 86_400_000;

/**
 * Reads the files and goes on looking at them. Files that are changed one after the other are taken
 * once they belong together; files that are damaged are logged and leave the last good ones in use.
 * @throws TlsFilesUnusable when they are not usable at the start.
 */
export async function followTlsFiles(
  files: TlsFiles,
  logger: Logger,
  pollMs: number = POLL_MS,
): Promise<TlsSource> {
  const listeners: ((material: TlsMaterial) => void)[] = [];
  const first = await read(files);
  let seen = first.digest;
  let material = parse(first.texts, files);
  let warnedAt = Number.NEGATIVE_INFINITY;
  const ended = new AbortController();
  tell('tls_files_read');
  watchExpiry();

  function tell(event: string): void {
    logger.info(event, {
      certificate: files.certificate,
      fingerprint: material.fingerprint,
      valid_to: material.validTo.toISOString(),
    });
  }

  function watchExpiry(): void {
    const left = material.validTo.getTime() - Date.now();
    if (left > EXPIRY_NEAR_MS || Date.now() - warnedAt < DAY_MS) return;
    warnedAt = Date.now();
    logger.warn('tls_certificate_ends_soon', {
      certificate: files.certificate,
      valid_to: material.validTo.toISOString(),
    });
  }

  async function look(): Promise<void> {
    const { digest, texts } = await read(files);
    if (digest === seen) {
      watchExpiry();
      return;
    }
    material = parse(texts, files);
    seen = digest;
    warnedAt = Number.NEGATIVE_INFINITY;
    tell('tls_files_reread');
    watchExpiry();
    for (const listener of listeners) listener(material);
  }

  void every({ name: 'tls_files', intervalMs: pollMs, signal: ended.signal, logger }, look);
  return {
    current: () => material,
    onChange: (listener) => void listeners.push(listener),
    close: () => {
      ended.abort();
    },
  };
}

type Texts = Readonly<Record<keyof TlsFiles, string>>;

async function read(files: TlsFiles): Promise<{ readonly digest: string; readonly texts: Texts }> {
  const [certificate, key, authority] = await Promise.all(
    [files.certificate, files.key, files.authority].map(async (path) =>
      path === null
        ? ''
        : readFile(path, 'utf8').catch((cause: unknown) => {
            throw new TlsFilesUnusable(`${path} cannot be read`, { cause });
          }),
    ),
  );
  const texts = { certificate: certificate ?? '', key: key ?? '', authority: authority ?? '' };
  const digest = createHash('sha256').update(JSON.stringify(texts)).digest('hex');
  return { digest, texts };
}

/** @throws TlsFilesUnusable; its text never holds what is in the files. */
function parse({ certificate, key, authority }: Texts, files: TlsFiles): TlsMaterial {
  try {
    const parsed = new X509Certificate(certificate);
    if (!parsed.checkPrivateKey(createPrivateKey(key)))
      throw new TlsFilesUnusable(`${files.key} is not the key of ${files.certificate}`);
    createSecureContext({ cert: certificate, key, ...(files.authority === null ? {} : { ca: authority }) });
    return {
      certificate,
      key,
      authority,
      fingerprint: parsed.fingerprint256,
      validTo: new Date(parsed.validTo),
    };
  } catch (error) {
    if (error instanceof TlsFilesUnusable) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new TlsFilesUnusable(
      `${[files.certificate, files.key, files.authority].filter((path) => path !== null).join(', ')}: not usable PEM: ${code}`,
    );
  }
}

/** The one URI among a certificate's names; null when it has none, or several. */
export function uriOf(subjectAltName: string | undefined): string | null {
  const [uri, ...others] = namesOf(subjectAltName, 'URI');
  return uri === undefined || others.length > 0 ? null : uri;
}

/**
 * A certificate's names of one kind, as Node writes them: `URI:a, DNS:b`. One that needs quotes there could
 * look like another: with such a name a certificate has none at all.
 */
export function namesOf(subjectAltName: string | undefined, kind: 'URI' | 'DNS'): readonly string[] {
  if (subjectAltName === undefined || subjectAltName.includes('"')) return [];
  const names = subjectAltName.split(', ').filter((name) => name.startsWith(`${kind}:`));
  return names.map((name) => name.slice(kind.length + 1));
}
