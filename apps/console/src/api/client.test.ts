import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { session } from '../session/session'
import { api, ask } from './client'
import { Problem } from './problem'

const message = { zh: '登录已失效。', en: 'Your session has ended.' }
const answer = (status: number, body: string, kind = 'application/problem+json') =>
  new Response(body, { status, headers: { 'Content-Type': kind } })

let requests: Request[]
function answers(...with_: (Response | Error)[]): void {
  requests = []
  vi.stubGlobal('fetch', async (request: Request) => {
    requests.push(request)
    const next = with_.shift()
    if (!next || next instanceof Error) throw next
    return next
  })
}

const problemOf = async (call: Promise<unknown>): Promise<Problem> => {
  const thrown: unknown = await call.then(() => null, (problem: unknown) => problem)
  if (!(thrown instanceof Problem)) throw new Error('no problem')
  return thrown
}

beforeEach(() => session.begin({ token: 't', idle_s: 900, me: { account: 'li', role: 'viewer' } }))
afterEach(() => {
  session.end('signed_out')
  vi.unstubAllGlobals()
})

test('data is taken, and the token is sent', async () => {
  answers(answer(200, '{"account":"li","role":"viewer"}', 'application/json'))
  expect(await ask(api.GET('/api/v1/office/me'))).toEqual({ account: 'li', role: 'viewer' })
  expect(requests[0]?.headers.get('Authorization')).toBe('Bearer t')
})

test('no content is fine', async () => {
  answers(new Response(null, { status: 204 }))
  expect(await ask(api.POST('/api/v1/office/sign-out'))).toBeUndefined()
})

test('a problem is told in both languages, with its code', async () => {
  answers(answer(403, JSON.stringify({ code: 'not_allowed', message, request_id: 'r1' })))
  expect(await problemOf(ask(api.GET('/api/v1/office/staff')))).toMatchObject({ status: 403, code: 'not_allowed', text: message, request: 'r1' })
  expect(session.current()).not.toBeNull()
})

test('401 ends the session', async () => {
  answers(answer(401, JSON.stringify({ code: 'session_expired', message, request_id: 'r1' })))
  expect((await problemOf(ask(api.GET('/api/v1/office/me')))).code).toBe('session_expired')
  expect([session.current(), session.ending()]).toEqual([null, 'ended'])
})

test('401 to a request of the session before does not end this one', async () => {
  vi.stubGlobal('fetch', async () => {
    session.begin({ token: 'newer', idle_s: 900, me: { account: 'li', role: 'viewer' } })
    return answer(401, '{}')
  })
  await problemOf(ask(api.GET('/api/v1/office/me')))
  expect(session.current()?.token).toBe('newer')
})

test('what is no problem, and no answer at all, are told plainly', async () => {
  answers(answer(502, '<html>', 'text/html'), new TypeError('Failed to fetch'))
  expect((await problemOf(ask(api.GET('/api/v1/office/me')))).code).toBe('unreadable')
  expect((await problemOf(ask(api.GET('/api/v1/office/me')))).code).toBe('offline')
  expect(session.current()).not.toBeNull()
})
