// The certificate library's container wants it, before anything of it is loaded.
import 'reflect-metadata';
import { createPrivateKey, randomBytes, webcrypto, X509Certificate as NodeCertificate } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { namesOf } from '../platform/tls.ts';
import { ACQUIRER_NAMES_END } from '../vault/contract.ts';
import { ACQUIRER_WIRES } from './addresses.ts';
import { readIfThere, writeWhole } from './files.ts';

/** Who has a certificate: the vault, and its callers. */
export const CERTIFIED = ['vault', 'api', 'payments', 'acquirers', 'back-office'] as const;
export type Certified = (typeof CERTIFIED)[number];

/** The names by which a certificate says whose grants a worker for those acquirers may use. */
export function acquirerNames(acquirers: readonly string[]): readonly string[] {
  return acquirers.map((acquirer) => `${acquirer}${ACQUIRER_NAMES_END}`);
}
const dnsOf = (role: Certified): readonly string[] =>
  role === 'acquirers' ? acquirerNames(Object.keys(ACQUIRER_WIRES)) : [];

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3_650;
const CERTIFICATE_DAYS = 90;
/** At a start, what ends within this is made anew. */
const RENEW_DAYS = 30;
/** An authority outlives what it signs. */
const RENEW_AUTHORITY_DAYS = CERTIFICATE_DAYS + RENEW_DAYS;

/** A certificate and its key, PEM. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

/** The files of one process below the stack's folder. */
export function certificateFiles(dir: string, role: Certified) {
  const folder = join(dir, 'certificates');
  return {
    certificate: join(folder, role, 'certificate.pem'),
    key: join(folder, role, 'key.pem'),
    authority: join(folder, 'authority.pem'),
  } as const;
}

function authorityFiles(dir: string) {
  const folder = join(dir, 'certificates', 'authority');
  return { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') } as const;
}

/** The public keys by which the vault believes grants. */
export function grantKeysFile(dir: string): string {
  return join(dir, 'certificates', 'grant-keys.pem');
}

/**
 * The certificates of the stack in `dir`: an authority of its own at the first start, one certificate a
 * process; what ends soon, lacks a name, or does not belong together, is made anew. Files have mode 600. For
 * development: the authority's key lies beside what it signs.
 */
export async function keepCertificates(dir: string): Promise<void> {
  const folder = join(dir, 'certificates');
  await mkdir(join(folder, 'authority'), { recursive: true, mode: 0o700 });
  const { certificate: authorityFile, key: authorityKeyFile } = authorityFiles(dir);
  let authority = await readPair(authorityFile, authorityKeyFile);
  if (authority === null || !isGood(authority, authority, RENEW_AUTHORITY_DAYS)) {
    authority = await createAuthority('quittance development authority');
    await writeWhole(authorityKeyFile, authority.key);
    await writeWhole(authorityFile, authority.certificate);
  }
  const bundle = certificateFiles(dir, 'vault').authority;
  if ((await readIfThere(bundle)) !== authority.certificate) await writeWhole(bundle, authority.certificate);
  for (const role of CERTIFIED) {
    const files = certificateFiles(dir, role);
    const present = await readPair(files.certificate, files.key);
    const dns = dnsOf(role);
    if (present !== null && isGood(present, authority, RENEW_DAYS, dns)) continue;
    const fresh = await issue(authority, role, { dns });
    await mkdir(join(folder, role), { recursive: true, mode: 0o700 });
    await writeWhole(files.key, fresh.key);
    await writeWhole(files.certificate, fresh.certificate);
  }
}

/** The authority of the stack in `dir`, which {@link keepCertificates} made. */
export async function readAuthority(dir: string): Promise<Pair> {
  const { certificate, key } = authorityFiles(dir);
  const authority = await readPair(certificate, key);
  if (authority === null) throw new Error(`there is no authority in ${dir}: start a stack there`);
  return authority;
}

async function readPair(certificateFile: string, keyFile: string): Promise<Pair | null> {
  const [certificate, key] = await Promise.all([readIfThere(certificateFile), readIfThere(keyFile)]);
  return certificate === null || key === null ? null : { certificate, key };
}

/** @param dns the names that it has beside its URI. */
function isGood(pair: Pair, authority: Pair, days: number, dns: readonly string[] = []): boolean {
  try {
    const certificate = new NodeCertificate(pair.certificate);
    return (
      certificate.checkPrivateKey(createPrivateKey(pair.key)) &&
      namesOf(certificate.subjectAltName, 'DNS').join() === dns.join() &&
      certificate.verify(new NodeCertificate(authority.certificate).publicKey) &&
      Date.parse(certificate.validTo) - Date.now() > days * DAY_MS
    );
  } catch {
    return false;
  }
}

/** A self-signed authority. */
export async function createAuthority(name: string): Promise<Pair> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: `CN=${name}`,
    ...validity(AUTHORITY_DAYS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await pemOf(keys.privateKey) };
}

/** What differs from a plain certificate; for tests of the wall. */
export interface IssueOptions {
  /** The URI; that of the role when left out. */
  readonly name?: string;
  readonly notAfter?: Date;
  /** Names and addresses beside it, as a TLS client that goes by them looks for. */
  readonly dns?: readonly string[];
  readonly ips?: readonly string[];
}

/** The certificate of a process: the vault is a server, all others are clients. */
export async function issue(
  authority: Pair,
  role: Certified,
  { name = `spiffe://quittance/${role}`, notAfter, dns = [], ips = [] }: IssueOptions = {},
): Promise<Pair> {
  const keys = await newKeys();
  const issuer = new X509Certificate(authority.certificate);
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    PemConverter.decodeFirst(authority.key),
    ALGORITHM,
    false,
    ['sign'],
  );
  const period = validity(CERTIFICATE_DAYS);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: `CN=${role}`,
    issuer: issuer.subject,
    ...period,
    ...(notAfter === undefined
      ? {}
      : { notAfter, notBefore: new Date(Math.min(period.notBefore.getTime(), notAfter.getTime() - DAY_MS)) }),
    signingAlgorithm: ALGORITHM,
    signingKey,
    publicKey: keys.publicKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([
        role === 'vault' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth,
      ]),
      new SubjectAlternativeNameExtension([
        { type: 'url', value: name },
        ...dns.map((value) => ({ type: 'dns' as const, value })),
        ...ips.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await pemOf(keys.privateKey) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

function newSerial(): string {
  // Positive, and long enough never to come twice.
  return `01${randomBytes(15).toString('hex')}`;
}

function validity(days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + days * DAY_MS) };
}
