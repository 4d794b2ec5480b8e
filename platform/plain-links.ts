import { isIP, isIPv4 } from 'node:net';

/**
 * What of the settings says where this process speaks to whom, or listens to whom, with keys, cards or
 * histories: those whose address must be reached by TLS. PostgreSQL, Redis, Temporal and the collector of
 * traces are not among them.
 */
export interface Addressed {
  readonly kmsEndpoint?: string;
  readonly vaultUrl?: string;
  readonly historyExportEndpoint?: string | null;
  readonly acquirerEndpoints?: readonly { readonly acquirer: string; readonly url: string }[];
  readonly acquirerLinks?: readonly {
    readonly acquirer: string;
    readonly host: string;
    readonly tls?: object | undefined;
  }[];
  readonly listenHost?: string;
  readonly vaultPublicPort?: number;
  readonly vaultPublicCertificate?: string | null;
  readonly vaultPublicKey?: string | null;
}

/** One that is reached, or reaches us, in the clear. */
export interface PlainLink {
  /** What says so. */
  readonly setting: keyof Addressed;
  /** As `QUITTANCE_PLAIN_HOSTS` would have to name it. */
  readonly host: string;
  /** What it is, for the reader. */
  readonly what: string;
  /** What makes it one with TLS. */
  readonly remedy: string;
  /** False = no setting allows it: the vault speaks TLS alone, and half a certificate is a mistake. */
  readonly allowable: boolean;
}

/** A name or an address and nothing else: no scheme, no port, no wildcard. */
export function isHostName(text: string): boolean {
  return isIP(text) !== 0 || /^[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?$/.test(text);
}

/** The own machine: nothing of what is said to it is on a line. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/**
 * The links of these settings that nothing protects: in the clear, off the own machine, to a host that is not
 * among `allowed`.
 * @param allowed lower-case names or addresses behind which something else sees to secrecy: a mesh, the network
 *   of one machine's containers, what ends TLS before this process.
 */
export function unprotectedLinks(settings: Addressed, allowed: readonly string[]): readonly PlainLink[] {
  return plainLinks(settings).filter(
    ({ host, allowable }) => !(allowable && (isLoopback(host) || allowed.includes(host))),
  );
}

function plainLinks(settings: Addressed): readonly PlainLink[] {
  const { kmsEndpoint, vaultUrl, historyExportEndpoint, acquirerEndpoints, acquirerLinks } = settings;
  return [
    ...plainUrl('kmsEndpoint', kmsEndpoint, 'the key service'),
    ...plainUrl('vaultUrl', vaultUrl, 'the vault', false),
    ...plainUrl('historyExportEndpoint', historyExportEndpoint, 'the store of histories'),
    ...(acquirerEndpoints ?? []).flatMap(({ acquirer, url }) => plainUrl('acquirerEndpoints', url, acquirer)),
    ...(acquirerLinks ?? []).flatMap(({ acquirer, host, tls }): readonly PlainLink[] =>
      tls === undefined
        ? [{ setting: 'acquirerLinks', host: hostOf(host), what: `the link to ${acquirer}`, remedy: 'give the link "tls"', allowable: true }] // prettier-ignore
        : [],
    ),
    ...plainListener(settings),
  ];
}

function plainUrl(
  setting: keyof Addressed,
  url: string | null | undefined,
  what: string,
  allowable = true,
): readonly PlainLink[] {
  if (url === null || url === undefined) return [];
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:') return [];
  return [{ setting, host: hostOf(hostname), what, remedy: 'give it an https: address', allowable }];
}

/** The vault's address for pages and apps: where it has no certificate, cards come to it in the clear. */
function plainListener({
  listenHost,
  vaultPublicPort,
  vaultPublicCertificate,
  vaultPublicKey,
}: Addressed): readonly PlainLink[] {
  if (listenHost === undefined || vaultPublicPort === undefined) return [];
  const given = [vaultPublicCertificate, vaultPublicKey].filter((file) => typeof file === 'string').length;
  if (given === 2) return [];
  return [
    {
      setting: 'vaultPublicCertificate',
      host: hostOf(listenHost),
      what: 'the vault’s address for pages and apps',
      remedy: 'give it a certificate and its key',
      allowable: given === 0,
    },
  ];
}

/** As it is compared: lower case, an IPv6 address without its brackets, a name without the dot of the root. */
function hostOf(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/(?<=.)\.$/, '');
}
