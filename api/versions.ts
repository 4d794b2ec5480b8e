import { bodyIn, NEWEST, olderVersion, VERSIONS, type Version } from '../workflows/domain/api-versions.ts';
import { Problem } from './problem.ts';

export { bodyIn, NEWEST, VERSIONS, type Version };

type Json = Readonly<Record<string, unknown>>;

/**
 * The version that a request is answered in: what it says, else what its key is pinned to, else the newest.
 * @throws Problem `version_unknown`
 */
export function versionOf(header: string | string[] | undefined, pinned: string | null): Version {
  const wished = header ?? pinned ?? NEWEST;
  const version = VERSIONS.find((known) => known === wished);
  if (version !== undefined) return version;
  throw new Problem(
    'version_unknown',
    `there is no such version of this API: send Quittance-Version with one of ${VERSIONS.join(', ')}, or without it`,
  );
}

/** What an answer says of its version: one that is not the newest ends some day (RFC 9745, RFC 8594). */
export function versionHeaders(version: Version): Readonly<Record<string, string>> {
  const old = olderVersion(version);
  return {
    'quittance-version': version,
    ...(old === null
      ? {}
      : {
          deprecation: `@${old.deprecated.getTime() / 1_000}`,
          sunset: old.sunset.toUTCString(),
          link: '</docs#versions>; rel="deprecation"; type="text/html"',
        }),
  };
}

/** The schema of an answer as that version had it. */
export function schemaIn(version: Version, name: string, schema: Json): Json {
  const old = olderVersion(version);
  const { properties, required } = schema as { properties?: Json; required?: readonly string[] };
  if (old === null || properties === undefined) return schema;
  const turned = old.schema(name, properties);
  if (turned === properties) return schema;
  const names = Object.keys(properties);
  return {
    ...schema,
    properties: turned,
    // A member keeps its place, also where it has another name.
    required: (required ?? []).map((member) => Object.keys(turned)[names.indexOf(member)] ?? member),
  };
}
