import { beforeEach, expect, test, vi } from 'vitest'
import type { Collection } from '../api/shapes'
import type { Picture } from '../platform/picture'

const server = vi.hoisted(() => ({
  answers: [] as Array<{ on: string; status: number; body: unknown }>,
  log: [] as string[],
  stored: new Map<string, string>(),
  ticket: null as string | null,
}))

const reply = (line: string) => {
  server.log.push(line)
  const index = server.answers.findIndex((one) => line.startsWith(one.on))
  const found = index < 0 ? undefined : server.answers.splice(index, 1)[0]
  if (!found) throw new Error(`no answer for ${line}`)
  return Promise.resolve({ status: found.status, body: found.body, retryAfter: null })
}

vi.mock('../platform/transport', () => ({
  send: (method: string, path: string) => reply(`${method} ${path}`),
  upload: (path: string) => reply(`POST ${path}`),
}))
vi.mock('../platform/storage', () => ({
  recall: (key: string) => server.stored.get(key) ?? null,
  remember: (key: string, value: string | null) =>
    value === null ? server.stored.delete(key) : server.stored.set(key, value),
}))
vi.mock('../platform/outbox', () => {
  const kept = new Map<string, unknown>()
  return {
    keep: async (slot: string, picture: unknown) => void kept.set(slot, picture),
    drop: async (slot: string) => void kept.delete(slot),
    dropAll: async () => kept.clear(),
    kept: async (slot: string) => kept.get(slot) ?? null,
  }
})
vi.mock('../platform/picture', () => ({
  preview: () => 'blob:preview',
  forget: () => undefined,
  bytesOf: async () => 10,
  prepared: async (picture: unknown) => picture,
}))
vi.mock('../platform/pause', () => ({ pause: () => new Promise(() => undefined), onReturn: () => undefined }))
vi.mock('../platform/desk', () => ({ deskTicket: () => server.ticket }))
vi.mock('../platform/address', () => ({ openedAtStatus: () => false, leaveStatusAddress: () => undefined }))
vi.mock('../platform/live', () => ({ follow: () => null }))

const { Journey } = await import('./journey')

const at = (state: Collection['state'], version: number) => ({ state, version, card: {}, photo: null }) as unknown as Collection
const said = { zh: '话', en: 'words' }
const refusal = (code: string) => ({ code, message: said })
const picture = {} as Picture
const settle = () => new Promise((resolve) => setTimeout(resolve, 5))

async function begun(collection: Collection) {
  server.stored.set('zhaoyan.token', 'secret')
  server.answers = [
    { on: 'GET /entry', status: 200, body: { limits: { picture_bytes: 100 }, face_consent: { version: '1' } } },
    { on: 'GET /collection', status: 200, body: collection },
  ]
  const journey = new Journey()
  journey.start()
  await settle()
  return journey
}

beforeEach(() => {
  server.answers = []
  server.log = []
  server.stored.clear()
  server.ticket = null
})

test('at the desk nobody’s session goes on, and the ticket begins another once', async () => {
  server.ticket = 'ticket'
  const journey = await begun(at('photo', 9))
  expect(journey.current()).toMatchObject({ token: null, place: 'desk', collection: null })
  expect(server.stored.size).toBe(0)
  server.answers = [{ on: 'POST /login/desk', status: 200, body: { token: 'other', collection: at('card', 1) } }]
  // The mocked entry lacks the texts' versions.
  Object.assign(journey.current().entry ?? {}, { agreement: { version: '1' }, privacy: { version: '1' } })
  await journey.beginAtDesk()
  expect(journey.current()).toMatchObject({ token: 'other', collection: { state: 'card' } })
  await journey.beginAtDesk()
  expect(server.log.filter((line) => line === 'POST /login/desk')).toEqual(['POST /login/desk'])
})

test('a remembered session goes on where the server says', async () => {
  const journey = await begun(at('confirm', 4))
  expect(journey.current()).toMatchObject({ loaded: true, token: 'secret', collection: { state: 'confirm' } })
})

test('an older word of the server never replaces a newer one', async () => {
  const journey = await begun(at('confirm', 4))
  server.answers = [{ on: 'GET /collection', status: 200, body: at('card', 3) }]
  await journey.refresh()
  expect(journey.current().collection?.state).toBe('confirm')
})

test('an ended session is forgotten, and the login says why', async () => {
  const journey = await begun(at('confirm', 4))
  server.answers = [{ on: 'POST', status: 401, body: refusal('session_expired') }]
  await journey.step('confirm')
  expect(journey.current()).toMatchObject({ token: null, place: 'login', notice: said, collection: null })
  expect(server.stored.has('zhaoyan.token')).toBe(false)
})

test('a step out of order shows where the collection stands now', async () => {
  const journey = await begun(at('confirm', 4))
  server.answers = [
    { on: 'POST', status: 409, body: refusal('out_of_order') },
    { on: 'GET /collection', status: 200, body: at('photo', 5) },
  ]
  await journey.step('confirm')
  await settle()
  expect(journey.current()).toMatchObject({ collection: { state: 'photo' }, notice: said, under_way: null })
})

test('two pictures are sent one after the other', async () => {
  const journey = await begun(at('card', 1))
  server.answers = [
    { on: 'POST /collection/card/portrait', status: 200, body: at('card', 2) },
    { on: 'POST /collection/card/emblem', status: 200, body: at('card', 3) },
  ]
  server.log = []
  journey.upload('portrait', picture)
  journey.upload('emblem', { ...picture })
  await settle()
  expect(server.log).toEqual(['POST /collection/card/portrait', 'POST /collection/card/emblem'])
  expect(journey.current().uploads).toEqual({ portrait: null, emblem: null, photo: null })
})

test('an upload that another request overtook is sent again', async () => {
  const journey = await begun(at('card', 1))
  server.answers = [
    { on: 'POST', status: 409, body: refusal('changed_meanwhile') },
    { on: 'POST', status: 200, body: at('card', 2) },
  ]
  journey.upload('portrait', picture)
  await settle()
  expect(journey.current().collection?.version).toBe(2)
})

test('a picture that is not taken says why; a fault of ours can be sent again', async () => {
  const journey = await begun(at('card', 1))
  server.answers = [{ on: 'POST', status: 415, body: refusal('picture_heic') }]
  journey.upload('portrait', picture)
  await settle()
  expect(journey.current().uploads.portrait).toMatchObject({ phase: 'failed', text: said, again: false })
  server.answers = [{ on: 'POST', status: 500, body: refusal('internal') }]
  journey.upload('portrait', picture)
  await settle()
  expect(journey.current().uploads.portrait).toMatchObject({ phase: 'failed', again: true })
  server.answers = [{ on: 'POST', status: 200, body: at('card', 2) }]
  journey.resend('portrait')
  await settle()
  expect(journey.current().uploads.portrait).toBeNull()
})

test('a picture that was on its way is sent after a reload', async () => {
  const first = await begun(at('photo', 1))
  server.answers = [{ on: 'POST', status: 500, body: refusal('internal') }]
  first.upload('photo', picture)
  await settle()
  server.answers = [{ on: 'POST /collection/photo', status: 200, body: at('review', 2) }]
  const waiting = server.answers
  const second = new Journey()
  server.answers = [
    { on: 'GET /entry', status: 200, body: { limits: { picture_bytes: 100 } } },
    { on: 'GET /collection', status: 200, body: at('photo', 1) },
    ...waiting,
  ]
  second.start()
  await settle()
  expect(second.current().collection?.state).toBe('review')
})

test('logging out forgets everything, even if the server does not hear it', async () => {
  const journey = await begun(at('photo', 1))
  server.answers = [{ on: 'POST /logout', status: 500, body: null }]
  await journey.logout()
  expect(journey.current()).toMatchObject({ token: null, place: 'home', collection: null })
})

test('an answer that comes after the log-out changes nothing', async () => {
  const journey = await begun(at('confirm', 1))
  server.answers = [
    { on: 'POST /collection', status: 200, body: at('photo', 2) },
    { on: 'POST /logout', status: 204, body: null },
  ]
  const step = journey.step('confirm')
  await Promise.all([journey.logout(), step])
  expect(journey.current()).toMatchObject({ token: null, collection: null })
})
