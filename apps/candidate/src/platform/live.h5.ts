// Follows the collection through server-sent events.
import { EVENTS_PATH } from '../api/client'
import { ConnectionLost } from '../api/problem'
import type { Collection } from '../api/shapes'
import { EventReader } from '../api/sse'
import { openStream } from './transport'

/** Longest silence: the server comments every 15 s, so beyond this something in between holds the stream back. */
const SILENCE_MS = 25_000

export interface Following {
  /** Resolves when the server ends the stream; rejects when it breaks or stays silent. */
  ended: Promise<void>
  stop: () => void
}

/** `null` where a stream is not to be had. */
export function follow(token: string, onCollection: (now: Collection) => void): Following | null {
  if (typeof ReadableStream === 'undefined' || typeof TextDecoder === 'undefined') return null
  const given = new AbortController()
  const run = async () => {
    let timer = setTimeout(() => given.abort(), SILENCE_MS)
    try {
      const response = await openStream(EVENTS_PATH, token, given.signal)
      const chunks = response.body?.getReader()
      const text = new TextDecoder()
      const events = new EventReader()
      for (;;) {
        const chunk = await chunks?.read()
        clearTimeout(timer)
        if (!chunk || chunk.done) return
        timer = setTimeout(() => given.abort(), SILENCE_MS)
        for (const { event, data } of events.read(text.decode(chunk.value, { stream: true }))) {
          if (event === 'collection') onCollection(JSON.parse(data) as Collection)
        }
      }
    } catch {
      throw new ConnectionLost()
    } finally {
      clearTimeout(timer)
    }
  }
  return { ended: run(), stop: () => given.abort() }
}
