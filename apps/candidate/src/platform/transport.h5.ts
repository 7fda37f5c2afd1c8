// Requests from a browser: same origin, token in a header, upload progress through XMLHttpRequest.
import { ConnectionLost } from '../api/problem'
import type { Picture } from './picture'

export interface Answer {
  status: number
  body: unknown
  retryAfter: string | null
}

const BASE = '/api/v1'

/** Milliseconds without an answer, or without a byte moving, after which the connection counts as lost. */
const PATIENCE_MS = 40_000
const UPLOAD_PATIENCE_MS = 90_000

const authorization = (token: string | null): Record<string, string> =>
  token === null ? {} : { Authorization: `Bearer ${token}` }

function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text)
  } catch {
    return null
  }
}

async function patiently<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const given = new AbortController()
  const timer = setTimeout(() => given.abort(), PATIENCE_MS)
  try {
    return await ask(given.signal)
  } catch {
    throw new ConnectionLost()
  } finally {
    clearTimeout(timer)
  }
}

export function send(method: string, path: string, token: string | null, content?: object): Promise<Answer> {
  const headers = authorization(token)
  if (content) headers['Content-Type'] = 'application/json'
  return patiently(async (signal) => {
    const response = await fetch(BASE + path, {
      method,
      headers,
      body: content ? JSON.stringify(content) : undefined,
      cache: 'no-store',
      signal,
    })
    const text = await response.text()
    return { status: response.status, body: parsed(text), retryAfter: response.headers.get('Retry-After') }
  })
}

/** `fetch` tells no upload progress, so this is the older interface. */
export function upload(
  path: string,
  token: string | null,
  picture: Picture,
  onProgress: (share: number) => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    let timer = setTimeout(() => request.abort(), UPLOAD_PATIENCE_MS)
    const alive = () => {
      clearTimeout(timer)
      timer = setTimeout(() => request.abort(), UPLOAD_PATIENCE_MS)
    }
    const lost = () => {
      clearTimeout(timer)
      reject(new ConnectionLost())
    }
    request.open('POST', BASE + path)
    for (const [name, value] of Object.entries(authorization(token))) request.setRequestHeader(name, value)
    request.upload.onprogress = (event) => {
      alive()
      if (event.lengthComputable) onProgress(event.loaded / event.total)
    }
    request.onload = () => {
      clearTimeout(timer)
      resolve({
        status: request.status,
        body: parsed(request.responseText),
        retryAfter: request.getResponseHeader('Retry-After'),
      })
    }
    request.onerror = lost
    request.onabort = lost
    const form = new FormData()
    form.append('file', picture, picture instanceof File ? picture.name : 'capture.jpg')
    request.send(form)
  })
}

/** A stored picture as something `<img>` can show; a `blob:` address, since the token belongs in no address. */
export function fetchPicture(
  path: string,
  token: string | null,
): Promise<{ status: number; source: string | null }> {
  return patiently(async (signal) => {
    const response = await fetch(BASE + path, { headers: authorization(token), cache: 'no-store', signal })
    if (!response.ok) return { status: response.status, source: null }
    return { status: response.status, source: URL.createObjectURL(await response.blob()) }
  })
}

/** The server-sent events as a stream of text, with the token in a header, which `EventSource` cannot send. */
export async function openStream(path: string, token: string | null, signal: AbortSignal): Promise<Response> {
  const response = await fetch(BASE + path, {
    headers: { ...authorization(token), Accept: 'text/event-stream' },
    cache: 'no-store',
    signal,
  })
  if (!response.ok || !response.body) throw new ConnectionLost()
  return response
}
