import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { describedRoutes } from '../testing/contract.ts';
import { openApiDocument, type Json } from './document.ts';
import { EXAMPLES } from './examples.ts';

// The contract is in the repository, so that a change of it is seen by whoever reads the change.

const routes = describedRoutes();
const document = openApiDocument(routes);
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema(document, 'openapi');

const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => [`${method} ${path}`, operation] as const),
);

/** Every object in the document. */
function* within(value: unknown): Generator<Json> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Json;
  for (const item of Object.values(value)) yield* within(item);
}

describe('the OpenAPI document', () => {
  it('is the committed docs/openapi.json (`vitest run --update` writes it anew)', async () => {
    await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot('../../docs/openapi.json');
  });

  it('has every route, under a name of its own', () => {
    expect(operations).toHaveLength(routes.length);
    expect(new Set(operations.map(([, operation]) => operation['operationId'])).size).toBe(routes.length);
  });

  it('refers to nothing that it does not have', () => {
    for (const object of within(document)) {
      const target = object['$ref'];
      if (typeof target !== 'string') continue;
      const found = target
        .split('/')
        .slice(1)
        .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], document);
      expect(found, target).toBeDefined();
    }
  });

  it('tells for every POST what its Idempotency-Key is', () => {
    for (const [name, operation] of operations) {
      const refs = JSON.stringify(operation['parameters'] ?? []);
      expect(refs.includes('Idempotency-Key'), name).toBe(name.startsWith('post '));
    }
  });

  it.each(Object.entries(EXAMPLES))('has an example of %s that is valid', (name, example) => {
    const validate = ajv.getSchema(`openapi#/components/schemas/${name}`);
    expect(validate?.(example), JSON.stringify(validate?.errors)).toBe(true);
  });

  it.each(
    routes
      .filter(({ contract }) => contract.body !== null)
      .map(({ contract }) => [contract.id, contract.body]),
  )('has an example of the body of %s that the API itself takes', (_, body) => {
    const parsed = body?.schema.safeParse(body.example);
    expect(parsed?.error?.issues ?? []).toEqual([]);
    const validate = ajv.getSchema(`openapi#/components/schemas/${body?.name ?? ''}`);
    expect(validate?.(body?.example), JSON.stringify(validate?.errors)).toBe(true);
  });
});
