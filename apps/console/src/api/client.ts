// The server's API, typed by its own description. Every answer either is data or is thrown as a `Problem`.
import createClient from 'openapi-fetch'
import { session } from '../session/session'
import type { paths } from './schema'
import { problemFrom, problemOf } from './problem'

export const api = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? 'http://localhost',
  // The current one, so that tests can stand in for it.
  fetch: (request) => globalThis.fetch(request),
})

api.use({
  onRequest({ request }) {
    const token = session.current()?.token
    if (token) request.headers.set('Authorization', `Bearer ${token}`)
    return request
  },
  onResponse({ request, response }) {
    const sent = request.headers.get('Authorization')
    const mine = sent !== null && sent === `Bearer ${session.current()?.token}`
    // An answer to an older session's request says nothing about this one.
    if (mine && response.status === 401) session.end('ended')
    else if (mine) session.touch()
    return response
  },
})

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** Waits for an answer and takes its data. */
export async function ask<T>(answer: Promise<Answer<T>>): Promise<T> {
  let got: Answer<T>
  try {
    got = await answer
  } catch (thrown) {
    throw problemFrom(thrown)
  }
  if (!got.response.ok) throw problemOf(got.response.status, got.error)
  return got.data as T
}
