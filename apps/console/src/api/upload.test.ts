import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { session } from '../session/session'
import { Problem } from './problem'
import { upload } from './upload'

/** What the page knows of a request with progress. */
class Sent {
  static last: Sent
  headers = new Map<string, string>()
  upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {}
  status = 0
  responseText = ''
  onload = () => {}
  onerror = () => {}
  onabort = () => {}
  constructor() {
    Sent.last = this
  }
  open(method: string, path: string): void {
    this.headers.set('line', `${method} ${path}`)
  }
  setRequestHeader(name: string, value: string): void {
    this.headers.set(name, value)
  }
  send(body: FormData): void {
    this.headers.set('file', (body.get('file') as File).name)
  }
  abort(): void {
    this.onabort()
  }
  answers(status: number, text: string): void {
    Object.assign(this, { status, responseText: text })
    this.onload()
  }
}

const FILE = new File(['a'], 'roster.csv')
const send = (told: (share: number) => void = () => undefined, signal = new AbortController().signal) => upload<{ id: string }>('/x', FILE, told, signal)

beforeEach(() => {
  vi.stubGlobal('XMLHttpRequest', Sent)
  session.begin({ token: 't', idle_s: 900, me: { account: 'li', role: 'registrar' } })
})
afterEach(() => {
  session.end('signed_out')
  vi.unstubAllGlobals()
})

test('a file is sent with the token, and how far it is is told', async () => {
  const shares: number[] = []
  const answer = send((share) => shares.push(share))
  Sent.last.upload.onprogress?.({ loaded: 1, total: 4 })
  Sent.last.answers(202, '{"id":"1"}')
  expect(await answer).toEqual({ id: '1' })
  expect([...Sent.last.headers.values()]).toEqual(['POST /x', 'Bearer t', 'roster.csv'])
  expect(shares).toEqual([0.25])
})

test('problems are told, and 401 ends the session', async () => {
  const refused = send()
  Sent.last.answers(401, JSON.stringify({ code: 'session_expired', message: { zh: '失效', en: 'ended' } }))
  await expect(refused).rejects.toMatchObject({ status: 401, code: 'session_expired' })
  expect([session.current(), session.ending()]).toEqual([null, 'ended'])
  const unreadable = send()
  Sent.last.answers(502, '<html>')
  await expect(unreadable).rejects.toBeInstanceOf(Problem)
})

test('no answer, and calling back', async () => {
  const lost = send()
  Sent.last.onerror()
  await expect(lost).rejects.toBeInstanceOf(TypeError)
  const control = new AbortController()
  const called = send(() => undefined, control.signal)
  control.abort()
  await expect(called).rejects.toBe(control.signal.reason)
})
