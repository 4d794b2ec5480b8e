import { createPool } from '../../platform/database.ts';
import type { Logger } from '../../platform/logger.ts';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import type { Route } from '../call.ts';
import { openApiDocument, type Json } from '../contract/document.ts';
import { NEWEST, type Version } from '../versions.ts';
import { pathTemplate } from '../contract/path.ts';
import { merchantRoutes, type RoutesOptions } from '../routes/index.ts';

const QUIET: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};

/** What routes need to be described; nothing of it is ever called. */
export function idleOptions(): RoutesOptions {
  const never = (): never => {
    throw new Error('a route that is only described was called');
  };
  return {
    database: createPool(
      { url: 'postgres://nobody@127.0.0.1:1/nothing', poolSize: 1, statementTimeoutMs: 1_000, role: 'none' },
      QUIET,
    ),
    authenticator: { forget: never },
    signatures: { forget: never },
    keySecret: 'never used, but it has to be here',
    vault: {
      stage: never,
      claim: never,
      publish: never,
      card: never,
      cards: never,
      forget: never,
      cardToken: never,
    },
    secrets: { seal: never, open: never },
    allowPrivateWebhooks: false,
    eventRetentionDays: 30,
    ring: never,
    runVerification: never,
    hurry: new AbortController().signal,
    streamsEnd: new AbortController().signal,
    fingerprintSecret: 'never used, but it has to be here',
    waitMs: 0,
    now: never,
  };
}

export const describedRoutes = (): readonly Route[] => merchantRoutes(idleOptions());

/** What was answered, as the contract sees it. */
export interface Exchange {
  readonly method: string;
  /** Of the address, without its query. */
  readonly path: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** @throws Error that says how an answer breaks the contract. */
export type CheckExchange = (exchange: Exchange) => void;

/** Holds answers against the OpenAPI document: status, media type, codes of problems, and every member. */
export function contractChecker(version: Version = NEWEST): CheckExchange {
  const document = openApiDocument(describedRoutes(), { closed: true, version });
  // Formats stand beside patterns that say the same.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(document, 'openapi');
  const templates = describedRoutes().map(({ path }) => ({
    template: pathTemplate(path),
    pattern: new RegExp(`^${path.replaceAll(/:[a-z]+/g, '[^/]+')}$`),
  }));
  return ({ method, path, status, contentType, body }) => {
    const template = templates.find(({ pattern }) => pattern.test(path))?.template;
    const operation = template === undefined ? undefined : document.paths[template]?.[method.toLowerCase()];
    // Addresses and methods that do not exist are no operations.
    if (template === undefined || operation === undefined) return;
    const name = `${method} ${template}: the answer ${status}`;
    const response = (operation['responses'] as Record<string, Json>)[String(status)];
    if (response === undefined) throw new Error(`${name} is not in the contract: ${body}`);
    const content = response['content'] as Record<string, Json> | undefined;
    if (content === undefined) {
      if (body !== '') throw new Error(`${name} has a body, and should have none: ${body}`);
      return;
    }
    const media = contentType.split(';')[0] ?? '';
    if (content[media] === undefined)
      throw new Error(`${name} is ${contentType}, which is not in the contract`);
    if (!media.endsWith('json')) return;
    const pointer = [
      'paths',
      template,
      method.toLowerCase(),
      'responses',
      String(status),
      'content',
      media,
      'schema',
    ];
    const validate = ajv.getSchema(
      `openapi#/${pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`,
    );
    if (validate === undefined) throw new Error(`${name} has no schema`);
    if (validate(JSON.parse(body)) !== true)
      throw new Error(`${name} breaks the contract: ${explain(validate.errors ?? [])}\n${body}`);
  };
}

function explain(errors: readonly ErrorObject[]): string {
  return errors
    .slice(0, 8)
    .map(({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`)
    .join('; ');
}
