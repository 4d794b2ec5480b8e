import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig, SETTINGS, type SettingName } from './config.ts';
import { PROCESS_SETTINGS } from './process-settings.ts';

/** Keys, cards and histories leave a machine by TLS alone, unless somebody says for a host that something else seals the way. */
const http = { acquirer: 'acme', wire: 'stripe', apiKey: 'sk_test_secret', connections: 1 };
const link = { acquirer: 'acme', port: 7000, connections: 1 };
const tls = { authorityFile: '/a.pem' };

function load(settings: Partial<Record<SettingName, string>>): string {
  const names = Object.keys(settings) as SettingName[];
  const env = Object.fromEntries(names.map((name) => [SETTINGS[name].env, settings[name]]));
  try {
    loadConfig(names, env);
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

describe('an address without TLS off the own machine is refused, with the setting, the host and what to do,', () => {
  it.each<[string, Partial<Record<SettingName, string>>, string, string]>([
    ['of the key service', { kmsEndpoint: 'http://kms:8080' }, 'QUITTANCE_KMS_ENDPOINT', 'kms'],
    ['of the vault', { vaultUrl: 'http://vault.example:7401' }, 'QUITTANCE_VAULT_URL', 'vault.example'],
    [
      'of the store of histories',
      { historyExportEndpoint: 'http://[2001:DB8::1]:9000' },
      'QUITTANCE_HISTORY_EXPORT_ENDPOINT',
      '2001:db8::1',
    ],
    [
      'of an acquirer’s API',
      { acquirerEndpoints: JSON.stringify([{ ...http, url: 'http://API.acme.example' }]) },
      'QUITTANCE_ACQUIRER_ENDPOINTS',
      'api.acme.example',
    ],
    [
      'of an ISO 8583 link',
      { acquirerLinks: JSON.stringify([{ ...link, host: 'HOST.acme.example' }]) },
      'QUITTANCE_ACQUIRER_LINKS',
      'host.acme.example',
    ],
    [
      'where the vault takes cards from pages',
      {
        listenHost: '0.0.0.0',
        vaultPublicPort: '7403',
        vaultPublicCertificate: '',
        vaultPublicKey: '',
      },
      'QUITTANCE_VAULT_PUBLIC_CERTIFICATE',
      '0.0.0.0',
    ],
  ])('%s', (_what, settings, variable, host) => {
    const refusal = load(settings);
    expect(refusal).toContain(`${variable}: `);
    expect(refusal).toContain(`is reached without TLS at ${host}: `);
    expect(refusal).not.toContain(http.apiKey);
    expect(load({ ...settings, plainHosts: 'elsewhere.example' })).toBe(refusal);
    const named = load({ ...settings, plainHosts: `elsewhere.example,${host.toUpperCase()}` });
    // What answers there speaks TLS alone.
    if (variable === 'QUITTANCE_VAULT_URL') expect(named).toContain('no setting allows it otherwise');
    else {
      expect(refusal).toContain(`name ${host} in QUITTANCE_PLAIN_HOSTS`);
      expect(named).toBe('');
    }
  });

  it('every one of them at once, beside what else is wrong', () => {
    const refusal = load({ kmsEndpoint: 'http://kms:8080', vaultUrl: 'http://vault', apiPort: 'many' });
    for (const variable of ['QUITTANCE_KMS_ENDPOINT', 'QUITTANCE_VAULT_URL', 'QUITTANCE_API_PORT'])
      expect(refusal).toContain(variable);
  });

  it('also of who does not read the setting that would allow it', () => {
    expect(() => loadConfig(['kmsEndpoint'], { QUITTANCE_KMS_ENDPOINT: 'http://kms' })).toThrow(ConfigError);
    const env = { QUITTANCE_KMS_ENDPOINT: 'http://kms', QUITTANCE_PLAIN_HOSTS: 'kms' };
    expect(loadConfig(['kmsEndpoint'], env)).toEqual({ kmsEndpoint: 'http://kms' });
  });
});

describe('not refused is', () => {
  it.each<[string, Partial<Record<SettingName, string>>]>([
    ['https', { kmsEndpoint: 'https://kms.example', vaultUrl: 'https://vault:1', historyExportEndpoint: '' }],
    ['the own machine by name', { kmsEndpoint: 'http://localhost:1' }],
    ['the own machine by its whole name', { kmsEndpoint: 'http://localhost.:1' }],
    [
      'a host that is allowed, by its whole name',
      { kmsEndpoint: 'http://KMS.example.:1', plainHosts: 'kms.example' },
    ],
    [
      'the own machine by address',
      { kmsEndpoint: 'http://127.0.0.1:1', historyExportEndpoint: 'http://[::1]:1' },
    ],
    [
      'a link of the own machine, or one with TLS',
      {
        acquirerLinks: JSON.stringify([
          { ...link, host: '127.0.0.2' },
          { ...link, host: 'acme.example', tls },
        ]),
      },
    ],
    [
      'an address for pages with a certificate',
      { listenHost: '0.0.0.0', vaultPublicPort: '1', vaultPublicCertificate: '/c', vaultPublicKey: '/k' },
    ],
    [
      'an address for pages on the own machine',
      { listenHost: '127.0.0.1', vaultPublicPort: '1', vaultPublicCertificate: '', vaultPublicKey: '' },
    ],
  ])('%s', (_what, settings) => {
    expect(load(settings)).toBe('');
  });
});

describe('the hosts that are allowed', () => {
  it.each(['http://kms', 'kms:8080', '*.example', 'kms, vault', 'kms,,vault', '10.0.0.0/8'])(
    'are names and addresses alone: %s is none',
    (plainHosts) => {
      expect(load({ plainHosts })).toContain('QUITTANCE_PLAIN_HOSTS');
      // Even for who does not read them otherwise.
      expect(() =>
        loadConfig(['kmsEndpoint'], {
          QUITTANCE_KMS_ENDPOINT: 'http://kms',
          QUITTANCE_PLAIN_HOSTS: plainHosts,
        }),
      ).toThrow('QUITTANCE_PLAIN_HOSTS');
    },
  );

  it('are read by every process, and half a certificate of the address for pages is a mistake anywhere', () => {
    for (const names of Object.values(PROCESS_SETTINGS)) expect(names).toContain('plainHosts');
    expect(
      load({
        listenHost: '127.0.0.1',
        vaultPublicPort: '1',
        vaultPublicCertificate: '/c',
        vaultPublicKey: '',
      }),
    ).toContain('QUITTANCE_VAULT_PUBLIC_CERTIFICATE');
  });
});

it('a link’s certificate without its key is refused', () => {
  const half = { ...tls, certificateFile: '/c.pem' };
  expect(load({ acquirerLinks: JSON.stringify([{ ...link, host: 'acme.example', tls: half }]) })).toContain(
    'without its keyFile',
  );
});
