import type Stripe from 'stripe';
import type { CallLimits, HttpAnswer, HttpConnections } from '../http.ts';

type HttpResponse = Awaited<ReturnType<Stripe.HttpClient['makeRequest']>>;

/** The client that the library makes one call with. */
export function httpClientFor(connections: HttpConnections, limits: CallLimits): Stripe.HttpClient {
  return {
    getClientName: () => 'quittance',
    makeRequest: async (host, port, path, method, headers, body, protocol) => {
      const request = {
        secure: protocol !== 'http',
        host,
        port: Number(port),
        path,
        method,
        headers: headers as Record<string, string>,
        body,
      };
      return responseOf(await connections.exchange(request, limits));
    },
  };
}

function responseOf({ status, headers, text }: HttpAnswer): HttpResponse {
  return {
    getStatusCode: () => status,
    getHeaders: () => headers as Record<string, string>,
    getRawResponse: () => ({}),
    toStream: () => {
      throw new Error('no request of ours is streamed');
    },
    toJSON: async () => {
      const value: unknown = JSON.parse(text);
      // The library sets properties on what it gets; on a number that would end the process.
      if (typeof value !== 'object' || value === null) throw new SyntaxError('the answer is no JSON object');
      return value;
    },
  };
}
