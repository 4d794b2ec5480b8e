/** A value of a parameter: a list is repeated, an object has its members in brackets. */
export type ParameterValue =
  | string
  | number
  | boolean
  | undefined
  | readonly (string | number)[]
  | { readonly [member: string]: string | number | undefined };
export type QueryParameters = Readonly<Record<string, ParameterValue>>;

/** `?limit=3&created%5Bgte%5D=…`; empty without parameters. */
export function searchOf(parameters: QueryParameters): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    if (typeof value !== 'object') search.append(name, String(value));
    else if (isList(value)) for (const item of value) search.append(name, String(item));
    else
      for (const [member, item] of Object.entries(value))
        if (item !== undefined) search.append(`${name}[${member}]`, String(item));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

function isList(value: object): value is readonly (string | number)[] {
  return Array.isArray(value);
}
