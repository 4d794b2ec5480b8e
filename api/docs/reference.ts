import type { Route } from '../call.ts';
import { TAGS, type Tag } from '../contract/contract.ts';
import type { Json, OpenApiDocument } from '../contract/document.ts';
import { pathTemplate } from '../contract/path.ts';
import { problemsOf } from '../contract/problems-of.ts';
import { PROBLEMS } from '../problem.ts';
import { NEWEST, VERSIONS, versionHeaders } from '../versions.ts';
import { curlOf } from './curl.ts';
import { html, type Html } from '../../platform/html.ts';
import { marked, page } from './page.ts';
import { schemaTable, tableOf } from './schema-table.ts';

const VERSIONS_TEXT =
  'A change that would break a client is a new version, named by its date. A request is answered in the version that its `Quittance-Version` names, else in the one that its key is pinned to, else in the newest. An older one says in `Deprecation` and `Sunset` since when it is old and until when it is answered. A webhook endpoint is told in the version that it is pinned to (`api_version`): the newest when it was made, unless it says otherwise.';

/** The reference page: every operation with its parameters, body, answers, problems and an example that works. */
export function referencePage(document: OpenApiDocument, routes: readonly Route[]): string {
  const { title, version, description } = document['info'] as Record<string, string>;
  const sections = (Object.keys(TAGS) as Tag[])
    .map((tag) => ({ tag, routes: routes.filter(({ contract }) => contract.tag === tag) }))
    .filter((section) => section.routes.length > 0);
  return page(
    `${title ?? ''} API`,
    html`<nav>
        <p><strong>${title ?? ''} API</strong> ${version ?? ''}</p>
        ${sections.map(
          (section) =>
            html`<p>${section.tag}</p>
              <ul>
                ${section.routes.map(({ contract: { id, summary } }) => html`<li><a href="#${id}">${summary}</a></li> `)}
              </ul>`,
        )}
        <p><a href="/docs/test-cards">Test cards</a></p>
        <p><a href="/problems">Problems</a></p>
        <p><a href="/openapi.json">OpenAPI document</a></p>
      </nav>
      <main>
        <h1>${title ?? ''} API</h1>
        <p>${marked(description ?? '')}</p>
        <h2 id="start">Begin</h2>
        <p>
          The examples run as they stand, once two variables are set: the address of the API and your secret
          key. On a development stack both are printed when it is ready.
        </p>
        <pre>
export API=http://127.0.0.1:8080
export KEY=sk_test_…</pre>
        <h2 id="versions">Versions</h2>
        <p>${marked(VERSIONS_TEXT)}</p>
        <ul>
          ${VERSIONS.map(
            (version) =>
              html`<li>
                <a href="/openapi/${version}.json"><code>${version}</code></a>
                ${version === NEWEST ? 'the newest' : (versionHeaders(version)['sunset'] ?? '').replace(/^/, 'until ')}
              </li> `,
          )}
        </ul>
        ${sections.map(
          (section) =>
            html`<h2 id="${section.tag.toLowerCase()}">${section.tag}</h2>
              <p>${TAGS[section.tag]}</p>
              ${section.routes.map((route) => operation(document, route))}`,
        )}
      </main>`,
  );
}

function operation(document: OpenApiDocument, route: Route): Html {
  const { contract, method, path } = route;
  const template = pathTemplate(path);
  const described = document.paths[template]?.[method.toLowerCase()] ?? {};
  const parameters = ((described['parameters'] ?? []) as readonly Json[]).map((parameter) =>
    parameterOf(document, parameter),
  );
  const { body } = contract;
  return html`<section id="${contract.id}">
    <h3>${contract.summary}</h3>
    <p><span class="method">${method}</span><code>${template}</code></p>
    <p>${marked(contract.description)} Scope: <code>${contract.scope}</code>.</p>
    ${
      parameters.length === 0
        ? ''
        : html`<h4>Parameters</h4>
            ${tableOf(parameters.map(rowOf))}`
    }
    ${
      body === null
        ? ''
        : html`<h4>Body</h4>
            ${schemaTable(document, document.components.schemas[body.name] ?? {})}`
    }
    <h4>Example</h4>
    <pre class="example" id="${contract.id}-example">${curlOf(route)}</pre>
    <h4>Answers</h4>
    ${Object.entries(contract.answers).map(([status, { description }]) => answer(document, described, status, description))}
    <details>
      <summary>Problems</summary>
      <ul>
        ${problemsOf(contract).map(
          (code) =>
            html`<li>
              ${PROBLEMS[code].status}
              <a href="/problems/${code}"><code>${code}</code></a> ${PROBLEMS[code].title}
            </li> `,
        )}
      </ul>
    </details>
  </section> `;
}

function parameterOf(document: OpenApiDocument, parameter: Json): Json {
  const reference = parameter['$ref'];
  if (typeof reference !== 'string') return parameter;
  const parameters = document.components['parameters'] as Record<string, Json>;
  return parameters[reference.split('/').at(-1) ?? ''] ?? {};
}

function rowOf({ name, required, description, schema, style }: Json) {
  const members = (schema as Json)['properties'] as Readonly<Record<string, unknown>> | undefined;
  const inner = members === undefined ? 'name' : Object.keys(members).join('|');
  return {
    name: style === 'deepObject' ? `${String(name)}[${inner}]` : String(name),
    required: required === true,
    schema: {
      ...(schema as Json),
      ...(style === 'deepObject' ? { type: 'string' } : {}),
      ...(description === undefined ? {} : { description }),
    },
  };
}

function answer(document: OpenApiDocument, described: Json, status: string, description: string): Html {
  const response = ((described['responses'] ?? {}) as Record<string, Json>)[status] ?? {};
  const json = ((response['content'] ?? {}) as Record<string, Json>)['application/json'];
  const example = json?.['example'];
  return html`<p><strong>${status}</strong> ${marked(description)}</p>
    ${
      json === undefined
        ? ''
        : html`<details>
            <summary>Members</summary>
            ${schemaTable(document, resolve(document, json['schema'] as Json))}
          </details>`
    }
    ${
      example === undefined
        ? ''
        : html`<details>
            <summary>Example</summary>
            <pre>${JSON.stringify(example, null, 2)}</pre>
          </details>`
    }`;
}

function resolve(document: OpenApiDocument, { $ref: reference }: Json): Json {
  return document.components.schemas[String(reference).split('/').at(-1) ?? ''] ?? {};
}
