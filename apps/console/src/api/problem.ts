// What went wrong with a request, in words of both languages.
import { en } from '../i18n/en'
import { zh } from '../i18n/zh'
import type { Text } from './shapes'

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly text: Text,
    /** For the operator to find the request in the logs. */
    readonly request: string | null = null,
  ) {
    super(code)
  }
}

const both = (key: keyof typeof zh.trouble): Text => ({ zh: zh.trouble[key], en: en.trouble[key] })

const isText = (text: unknown): text is Text =>
  typeof text === 'object' && text !== null && typeof (text as Text).zh === 'string' && typeof (text as Text).en === 'string'

/** The problem that an answer's body tells; something plain where it is none. */
export function problemOf(status: number, body: unknown): Problem {
  if (typeof body === 'object' && body !== null) {
    const { code, message, request_id } = body as Record<string, unknown>
    if (typeof code === 'string' && isText(message)) {
      return new Problem(status, code, message, typeof request_id === 'string' ? request_id : null)
    }
  }
  return new Problem(status, 'unreadable', both('unreadable'))
}

/** The problem that a thrown value is. */
export function problemFrom(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  // `fetch` throws a TypeError when no answer comes.
  if (thrown instanceof TypeError) return new Problem(0, 'offline', both('offline'))
  return new Problem(0, 'unreadable', both('unreadable'))
}
