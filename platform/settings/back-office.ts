import { z } from 'zod';
import { positive, setting, text, type Setting } from './setting.ts';

/** What works by itself: the relay, the keeper, sealers, webhooks; and what is for development alone. */
export const BACK_OFFICE_SETTINGS = {
  relayAfterMs: setting(
    'QUITTANCE_RELAY_AFTER_MS',
    positive,
    'ms',
    'The relay rings again for a command that is pending longer than this.',
    '5000',
  ),
  keeperIntervalMs: setting(
    'QUITTANCE_KEEPER_INTERVAL_MS',
    positive,
    'ms',
    'How often the keeper looks for payments with something pending and no open run.',
    '10000',
  ),
  sealIntervalMs: setting(
    'QUITTANCE_SEAL_INTERVAL_MS',
    positive,
    'ms',
    'How often a sealer looks for what no seal covers yet: the back office’s for committed ledger transactions, the vault’s for rows of its audit log.',
    '1000',
  ),
  sealHeadFile: setting(
    'QUITTANCE_SEAL_HEAD_FILE',
    text,
    'path',
    'The file that the head of the process’s own seal chain is appended to: the back office’s of the ledger, the vault’s of its audit log. Where whoever can write to the database cannot: a copy in the same hands proves nothing.',
  ),
  authorizationValidityMs: setting(
    'QUITTANCE_AUTHORIZATION_VALIDITY_MS',
    positive.nullable(),
    'ms',
    'Development only: every authorization is valid this long, instead of what the table of validities says.',
    '',
  ),
  webhookDispatchIntervalMs: setting(
    'QUITTANCE_WEBHOOK_DISPATCH_INTERVAL_MS',
    positive,
    'ms',
    'How often an idle dispatcher looks for committed events.',
    '200',
  ),
  crashPointsFolder: setting(
    'QUITTANCE_CRASH_POINTS_FOLDER',
    text.nullable(),
    'folder',
    'Development only: whoever can write to this folder can make the process die at a named point of its work (npm run proof). Refused unless key service and database are those of a development stack.',
    '',
  ),
  webhookAllowPrivate: setting(
    'QUITTANCE_WEBHOOK_ALLOW_PRIVATE',
    z.enum(['true', 'false']).transform((value) => value === 'true'),
    'true|false',
    'Development only: webhooks may go to loopback and private addresses.',
    'false',
  ),
} as const satisfies Record<string, Setting<unknown>>;
