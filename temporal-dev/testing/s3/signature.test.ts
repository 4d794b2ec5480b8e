import { describe, expect, it } from 'vitest';
import { checkSignature, type SignedRequest } from './signature.ts';

/**
 * The examples of the S3 API reference ("Signature Calculations for the Authorization Header", single
 * chunk): the requests, the key and the signatures are Amazon's.
 */
const SIGNER = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
};
const NOW = new Date('2013-05-24T00:00:00Z');
const NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const HOST = 'examplebucket.s3.amazonaws.com';
const DATE = '20130524T000000Z';

function signed(
  request: Pick<SignedRequest, 'method' | 'target'> & { readonly body?: string },
  headers: Readonly<Record<string, string>>,
  names: string,
  signature: string,
): SignedRequest {
  return {
    ...request,
    body: Buffer.from(request.body ?? ''),
    headers: {
      host: HOST,
      'x-amz-date': DATE,
      'x-amz-content-sha256': NOTHING,
      ...headers,
      authorization: `AWS4-HMAC-SHA256 Credential=${SIGNER.accessKeyId}/20130524/us-east-1/s3/aws4_request,SignedHeaders=${names},Signature=${signature}`,
    },
  };
}

const EXAMPLES: Readonly<Record<string, SignedRequest>> = {
  'an object is read': signed(
    { method: 'GET', target: '/test.txt' },
    { range: 'bytes=0-9' },
    'host;range;x-amz-content-sha256;x-amz-date',
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ),
  'an object is written': signed(
    { method: 'PUT', target: '/test$file.text', body: 'Welcome to Amazon S3.' },
    {
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    },
    'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ),
  'a setting of a bucket is read': signed(
    { method: 'GET', target: '/?lifecycle' },
    {},
    'host;x-amz-content-sha256;x-amz-date',
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ),
  'a bucket is listed': signed(
    { method: 'GET', target: '/?max-keys=2&prefix=J' },
    {},
    'host;x-amz-content-sha256;x-amz-date',
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ),
};

describe('the signature check', () => {
  it.each(Object.entries(EXAMPLES))('takes Amazon’s own example: %s', (_name, request) => {
    expect(() => checkSignature(request, SIGNER, NOW)).not.toThrow();
  });

  const listed = EXAMPLES['a bucket is listed'] as SignedRequest;
  const put = EXAMPLES['an object is written'] as SignedRequest;
  it.each<readonly [string, SignedRequest, Date, string]>([
    ['another query', { ...listed, target: '/?max-keys=3&prefix=J' }, NOW, 'SignatureDoesNotMatch'],
    ['another path', { ...put, target: '/another' }, NOW, 'SignatureDoesNotMatch'],
    ['another body', { ...put, body: Buffer.from('Welcome') }, NOW, 'XAmzContentSHA256Mismatch'],
    [
      'a header of S3 that was not signed',
      { ...put, headers: { ...put.headers, 'x-amz-acl': 'public-read' } },
      NOW,
      'AccessDenied',
    ],
    [
      'a changed header',
      { ...put, headers: { ...put.headers, 'x-amz-storage-class': 'STANDARD' } },
      NOW,
      'SignatureDoesNotMatch',
    ],
    ['another time', listed, new Date('2013-05-24T00:16:00Z'), 'RequestTimeTooSkewed'],
    ['no signature', { ...listed, headers: { host: HOST } }, NOW, 'AccessDenied'],
  ])('refuses %s', (_name, request, now, code) => {
    expect(() => checkSignature(request, SIGNER, now)).toThrow(expect.objectContaining({ code }));
  });
});
