// What can go wrong between page and server, and whether asking again can mend it.
import type { Text } from './shapes'

/** The server said no, in words for the candidate. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly text: Text,
    readonly retryAfterS: number | null = null,
    readonly triesLeft: number | null = null,
  ) {
    super(code)
  }
}

/** No answer came. What was sent may have arrived or not: every step can be sent again. */
export class ConnectionLost extends Error {}

const UNKNOWN: Text = {
  zh: '系统暂时不能处理。您已提交的内容不会丢失，请稍后再试。',
  en: 'The system cannot handle this right now. Nothing you submitted is lost. Please try again later.',
}

const isText = (value: unknown): value is Text =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Text).zh === 'string' &&
  typeof (value as Text).en === 'string'

const number = (value: unknown): number | null => (typeof value === 'number' && value >= 0 ? value : null)

/** Reads an error answer; one that is not problem+json (a gateway's page) gets a plain message of our own. */
export function problemOf(status: number, body: unknown, retryAfterHeader: string | null): Problem {
  const said = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const header = retryAfterHeader !== null && /^\d+$/.test(retryAfterHeader) ? Number(retryAfterHeader) : null
  return new Problem(
    status,
    typeof said.code === 'string' ? said.code : 'unreadable_answer',
    isText(said.message) ? said.message : UNKNOWN,
    number(said.retry_after_s) ?? header,
    number(said.tries_left),
  )
}

export interface NextTry {
  afterS: number
  because: 'offline' | 'busy'
}

/** Longest wait, in seconds, that the page sits through by itself; beyond it the candidate is told. */
export const LONGEST_WAIT_S = 60

const backOff = (tried: number) => Math.min(2 ** tried, 15)

/**
 * Whether to ask again after `tried` earlier failures, and when. A lost connection and a busy server pass, so those are
 * asked again without end; what the candidate has to know or do is not.
 */
export function nextTry(trouble: unknown, tried: number, reading: boolean): NextTry | null {
  if (trouble instanceof ConnectionLost) return { afterS: backOff(tried), because: 'offline' }
  if (!(trouble instanceof Problem)) return null
  const { status, code } = trouble
  const wait = trouble.retryAfterS ?? backOff(tried + 1)
  const busy = status === 502 || status === 503 || status === 504 || code === 'too_many_requests'
  if (busy && wait <= LONGEST_WAIT_S) return { afterS: Math.max(wait, 1), because: 'busy' }
  if (status === 500 && reading && tried < 5) return { afterS: backOff(tried + 1), because: 'busy' }
  return null
}
