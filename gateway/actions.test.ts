import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACTIONS, writeOf, type Action } from './actions.ts';
import { mayAct, ROLES } from './roles.ts';
import { pathHere } from './visitors.ts';
import { settingsFor } from './web-settings.ts';

const AT = '/api/v1/namespaces/default';
const actionOf = (path: string, method = 'POST') => writeOf(method, `${AT}/${path}`)?.action ?? null;

describe('a call that is not a GET', () => {
  it.each<[string, Action]>([
    ['workflows/pay_1/query/__stack_trace', 'query'],
    ['workflows/pay_1/signal/knock', 'signal'],
    ['workflows/pay_1/update/ring', 'update'],
    ['workflows/pay_1/cancel', 'cancel'],
    ['workflows/pay_1/terminate', 'terminate'],
    ['workflows/pay_1/pause', 'pause'],
    ['workflows/pay_1/unpause', 'pause'],
    ['workflows/pay_1/reset', 'reset'],
    ['workflows/pay_1', 'start'],
    ['workflows/pay_1/signal-with-start/knock', 'start'],
    ['activities-deprecated/reset', 'activity'],
    ['workflows/pay_1/activities/3/pause', 'activity'],
    ['batch-operations/job', 'batch'],
    ['batch-operations/job/stop', 'stop batch'],
  ])('POST …/%s is %s', (path, action) => {
    expect(actionOf(path)).toBe(action);
  });

  it.each([
    ['schedules/nightly'],
    ['update'],
    ['activity-complete'],
    ['workflows/pay_1/activities/3/complete'],
    ['worker-deployments/payments/set-current-version'],
    ['workflows/pay_1/signal/knock/'],
    ['workflows//signal/knock'],
    ['workflows/pay_1/x/../terminate'],
    ['workflows/../workflows/pay_1/signal/knock'],
    ['workflows/pay_1%2Fterminate/signal/knock'],
    ['workflows/%2e%2e/signal/knock'],
    ['workflows/pay%ZZ/signal/knock'],
  ])('POST …/%s is none that is passed on', (path) => {
    expect(actionOf(path)).toBeNull();
  });

  it('is known by its method, too', () => {
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'post'])
      expect(actionOf('workflows/pay_1/signal/knock', method)).toBeNull();
  });

  it('outside a namespace is none', () => {
    for (const path of ['/api/v1/namespaces', '/api/v1/nexus/endpoints', '/api/v1/settings', '/x', ''])
      expect(writeOf('POST', path)).toBeNull();
  });

  it('names namespace, workflow and name as they are meant', () => {
    expect(writeOf('POST', '/api/v1/namespaces/a%20b/workflows/pay%5F1/signal/knock%3Anow')).toMatchObject({
      namespace: 'a b',
      workflow: 'pay_1',
      name: 'knock:now',
    });
  });

  it('of any form is read without an error, and as what Temporal Web reads', () => {
    const segment = fc.oneof(
      fc.string(),
      fc.constantFrom('workflows', 'signal', 'terminate', '..', '%2F', ''),
    );
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 6 }), (segments) => {
        const path = `${AT}/${segments.join('/')}`;
        const write = writeOf('POST', path);
        if (write?.action === 'signal') expect(path.split('/')[7]).toMatch(/^s|%73/i);
      }),
    );
  });
});

describe('a role', () => {
  it('may also do what the one before it may, and nobody what nobody may', () => {
    const allowed = ROLES.map((role) =>
      (Object.keys(ACTIONS) as Action[]).filter((action) => mayAct(role, ACTIONS[action].needs)),
    );
    expect(allowed).toEqual([
      ['query'],
      ['query', 'signal', 'update'],
      ['query', 'signal', 'update', 'terminate', 'pause', 'activity', 'stop batch'],
    ]);
  });

  it('sees in Temporal Web the buttons that do something', () => {
    const plain = { Version: '2.54.1', Codec: { Endpoint: '' }, WorkflowTerminateDisabled: false };
    const origin = 'https://ops.example.com';
    const [viewer, operator, admin] = ROLES.map((role) => settingsFor(plain, role, origin));
    for (const settings of [viewer, operator, admin])
      expect(settings).toMatchObject({
        Version: '2.54.1',
        Codec: { Endpoint: `${origin}/codec`, PassAccessToken: false, IncludeCredentials: true },
        WorkflowResetDisabled: true,
        BatchActionsDisabled: true,
        StartWorkflowDisabled: true,
      });
    expect(viewer).toMatchObject({ DisableWriteActions: true, WorkflowSignalDisabled: true });
    expect(operator).toMatchObject({
      DisableWriteActions: false,
      WorkflowSignalDisabled: false,
      WorkflowUpdateDisabled: false,
      WorkflowTerminateDisabled: true,
      WorkflowCancelDisabled: true,
    });
    expect(admin).toMatchObject({ WorkflowTerminateDisabled: false, WorkflowCancelDisabled: true });
  });
});

describe('where a login leads', () => {
  it.each([
    ['/namespaces/default/workflows?query=a', '/namespaces/default/workflows?query=a'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/\t/evil.example', '/'],
    ['https://evil.example', '/'],
    ['javascript:alert(1)', '/'],
    [undefined, '/'],
    [['/a', '/b'], '/'],
  ])('%j is %s', (next, path) => {
    expect(pathHere(next)).toBe(path);
  });
});
