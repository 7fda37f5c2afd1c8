// Sends a file and tells how far it is, which `fetch` cannot. Answers and problems are those of the other requests.
import { session } from '../session/session'
import { problemOf } from './problem'

const bodyOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Told is the share that has been sent, 0 to 1. A file that is called back is thrown as the signal's reason. */
export function upload<T>(path: string, file: File, told: (share: number) => void, signal: AbortSignal): Promise<T> {
  const token = session.current()?.token
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', path)
    if (token) request.setRequestHeader('Authorization', `Bearer ${token}`)
    request.upload.onprogress = ({ loaded, total }) => told(total > 0 ? loaded / total : 0)
    request.onload = () => {
      const mine = token !== undefined && token === session.current()?.token
      if (mine && request.status === 401) session.end('ended')
      else if (mine) session.touch()
      const body = bodyOf(request.responseText)
      if (request.status >= 200 && request.status < 300 && body !== null) resolve(body as T)
      else reject(problemOf(request.status, body))
    }
    // As `fetch` throws it when no answer comes.
    request.onerror = () => reject(new TypeError('no answer'))
    request.onabort = () => reject(signal.reason)
    signal.addEventListener('abort', () => request.abort())
    const form = new FormData()
    form.append('file', file)
    request.send(form)
  })
}
