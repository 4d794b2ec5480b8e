import type { z } from 'zod';
import { isId, type CustomerId } from '../../workflows/domain/ids.ts';
import type { Call, Reply, Route } from '../call.ts';
import { COMPONENTS } from '../contract/components.ts';
import { route, type Taken } from '../contract/route.ts';
import * as customers from '../customers.ts';
import { jsonReply } from '../json-reply.ts';
import { manageOnce, type ManagedOptions } from '../managed.ts';
import { Problem } from '../problem.ts';
import * as schemas from '../schemas/customers.ts';

const CUSTOMERS = '/v1/customers';
const CUSTOMER = `${CUSTOMERS}/:customer`;
const TAGGED = { tag: 'Customers' } as const;
const ONE = { description: 'The customer.', schema: COMPONENTS.Customer };

/** Whom a merchant sells to, as far as it says. */
export function customerRoutes(options: ManagedOptions): readonly Route[] {
  const { database } = options;
  return [
    route({
      ...TAGGED,
      method: 'POST',
      scope: 'payments',
      callClass: 'manage',
      path: CUSTOMERS,
      id: 'createCustomer',
      summary: 'Create a customer',
      description: 'Its id is `customer` of payments. All of it is optional; a `reference` is unique.',
      body: {
        name: 'CreateCustomer',
        schema: schemas.createCustomer,
        example: { reference: 'customer-77', name: 'Ada Lovelace', email: 'ada@shop.example', metadata: {} },
      },
      answers: { 201: ONE },
      problems: ['customer_reference_taken'],
      handle: (call) =>
        changeOnce(options, call, 201, (client) =>
          customers.createCustomer(client, call.credential, call.body),
        ),
    }),
    route({
      ...TAGGED,
      method: 'GET',
      path: CUSTOMERS,
      id: 'listCustomers',
      summary: 'List customers',
      description: 'Newest first, without those that were deleted. All filters that are given must hold.',
      query: schemas.listCustomers,
      answers: { 200: { description: 'A page of customers.', schema: COMPONENTS.CustomerList } },
      handle: async ({ credential, parameters }) =>
        jsonReply(await customers.listCustomers(database, credential, parameters)),
    }),
    route({
      ...TAGGED,
      method: 'GET',
      path: CUSTOMER,
      id: 'getCustomer',
      summary: 'Get a customer',
      description: 'As it stands.',
      answers: { 200: ONE },
      problems: ['customer_not_found', 'customer_deleted'],
      handle: async (call) =>
        jsonReply(await customers.readCustomer(database, call.credential, customerOf(call))),
    }),
    route({
      ...TAGGED,
      method: 'POST',
      scope: 'payments',
      callClass: 'manage',
      path: CUSTOMER,
      id: 'updateCustomer',
      summary: 'Change a customer',
      description: 'What is not sent stays; `metadata` is replaced as a whole.',
      body: {
        name: 'UpdateCustomer',
        schema: schemas.updateCustomer,
        example: { email: 'ada.lovelace@shop.example' },
      },
      answers: { 200: ONE },
      problems: ['customer_not_found', 'customer_deleted', 'customer_reference_taken'],
      handle: (call) => {
        const id = customerOf(call);
        return changeOnce(options, call, 200, (client) =>
          customers.updateCustomer(client, call.credential, id, call.body),
        );
      },
    }),
    route({
      ...TAGGED,
      method: 'DELETE',
      scope: 'payments',
      callClass: 'manage',
      path: CUSTOMER,
      id: 'deleteCustomer',
      summary: 'Delete a customer',
      description:
        'Reference, name, address and metadata are gone from it; its payments keep its id, which names nobody any more. A repeat of the request that made or changed it, under its Idempotency-Key, is answered as it was. Deleting it again is 204 as well. Stored cards are deleted by themselves.',
      answers: { 204: { description: 'It is gone.', schema: null } },
      problems: ['customer_not_found'],
      handle: async (call) => {
        await customers.deleteCustomer(database, call.credential, customerOf(call));
        return { status: 204, body: '' };
      },
    }),
  ];
}

/**
 * Of two equal requests at once the one that comes later finds its reference taken, by its twin: asked again
 * it is answered what its twin was.
 */
async function changeOnce(
  options: ManagedOptions,
  call: Taken<z.ZodType, z.ZodType>,
  status: 200 | 201,
  work: Parameters<typeof manageOnce>[3],
): Promise<Reply> {
  try {
    return await manageOnce(options, call, status, work);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'customer_reference_taken') throw error;
    return manageOnce(options, call, status, work);
  }
}

function customerOf({ params }: Call): CustomerId {
  const id = params['customer'] ?? '';
  if (!isId('cus', id)) throw customers.customerNotFound();
  return id;
}
