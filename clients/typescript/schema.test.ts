import { readFile } from 'node:fs/promises';
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { expect, it } from 'vitest';

type Json = Record<string, unknown>;

/** What is refused is one type for all operations; written out at each it would be nine tenths of the file. */
function withoutProblems(document: Json): Json {
  const paths = structuredClone(document['paths']) as Record<string, Record<string, Json>>;
  for (const operation of Object.values(paths).flatMap((item) => Object.values(item))) {
    const responses = operation['responses'] as Json;
    operation['responses'] = Object.fromEntries(
      Object.entries(responses).filter(([status]) => Number(status) < 400),
    );
  }
  return { ...document, paths };
}

it('the types are those of docs/openapi.json (`vitest run --update` writes them anew)', async () => {
  const document = JSON.parse(await readFile('docs/openapi.json', 'utf8')) as Json;
  const nodes = await openapiTS(withoutProblems(document) as unknown as OpenAPI3, {
    immutable: true,
    // A member with a default need not be sent.
    defaultNonNullable: false,
  });
  const text = `// Generated from docs/openapi.json by schema.test.ts; not to be edited.\n${astToString(nodes)}`;
  await expect(text).toMatchFileSnapshot('schema.generated.ts');
});
