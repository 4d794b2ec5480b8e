import { createRequire } from 'node:module';
import type ClientModule from '@adyen/api-library/lib/src/client.js';
import type HmacModule from '@adyen/api-library/lib/src/utils/hmacValidator.js';

/**
 * The parts of the library that are a default export of CommonJS, which Node and test runners unwrap
 * differently. Each part by itself: the whole of it takes seconds to load.
 */
const load = createRequire(import.meta.url);

export const { default: Client } = load('@adyen/api-library/lib/src/client.js') as typeof ClientModule;
export type Client = InstanceType<typeof Client>;

export const { default: HmacValidator } = load(
  '@adyen/api-library/lib/src/utils/hmacValidator.js',
) as typeof HmacModule;
