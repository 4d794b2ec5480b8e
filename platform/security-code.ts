/** How a card's security code is called, whatever stands before or behind it: part of a regular expression. */
export const SECURITY_CODE_WORDS = String.raw`cvv2?|cvc2?|security[_ -]?code`;
/** Called so only as a whole word: other things have these letters as well. */
export const SECURITY_CODE_SHORT_WORDS = 'csc|cid';

/** The words of a name in which a security code is called so. */
const LONG_WORDS = String.raw`(?:cvv2?|cvc2?|security ?code|c v v|c v c)`;
/** A name that says nothing else. */
const NAMED_WHOLLY = new RegExp(
  String.raw`^(?:(?:card|payment|cc) )?${LONG_WORDS}(?: (?:code|number|value))?$`,
);
/** Of `cvv_check` and the like it is the value that says whether the code is there. */
const NAMED_AMONG_OTHERS = new RegExp(
  String.raw`(?:^|.* )(?:${LONG_WORDS}|[a-z0-9]*(?:cvv|cvc)[a-z0-9]*)(?: .*)?$|^(?:${SECURITY_CODE_SHORT_WORDS})$`,
);
const CODE = /^\s*\d{3,4}\s*$/;

/**
 * A word that begins and ends as one (an id of ours may have its letters inside), what belongs between it and
 * its value, and three or four digits that are no amount's or order number's beginning. A blank is enough
 * behind the long words alone: "cid 1234" may be a customer. A hyphen joins an order number: "CVC-1234".
 */
const TOLD = new RegExp(
  String.raw`(?<![\p{L}\p{N}])(?:(?:${SECURITY_CODE_WORDS})(?:[_-](?:code|number|value|nr|no))?` +
    String.raw`(?:\s{1,4}(?:is|was|code|number|no\.?|nr\.?)){0,2}[^\p{L}\p{N}-]{0,8}` +
    String.raw`|(?:${SECURITY_CODE_SHORT_WORDS})["'\\]{0,4}\s{0,4}[:=][^\p{L}\p{N}]{0,8})` +
    String.raw`(?<!\d)\d{3,4}(?![\d\p{L}_]|[.,:-]\d)`,
  'iu',
);

/**
 * Whether a member of that name holds a security code: its name says nothing else, in whatever way it is
 * spelt, or it speaks of one and its value can be one.
 */
export function isSecurityCodeMember(name: string, value: unknown): boolean {
  const words = name
    .normalize('NFKC')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
    .join(' ');
  if (NAMED_WHOLLY.test(words)) return true;
  return (
    NAMED_AMONG_OTHERS.test(words) &&
    (typeof value === 'number' || typeof value === 'string') &&
    CODE.test(`${value}`)
  );
}

/** Whether a text tells a security code: "cvv: 123", "cvc 1234". One that only speaks of it does not. */
export function tellsSecurityCode(text: string): boolean {
  return TOLD.test(text.normalize('NFKC'));
}
