import { describe, expect, test } from 'vitest'
import { ConnectionLost, LONGEST_WAIT_S, nextTry, Problem, problemOf } from './problem'

const text = { zh: '忙', en: 'busy' }

describe('reading an error answer', () => {
  test('problem+json keeps code, words and wait', () => {
    const body = { code: 'busy', message: text, retry_after_s: 7, tries_left: 2 }
    expect(problemOf(503, body, '9')).toMatchObject({ status: 503, code: 'busy', text, retryAfterS: 7, triesLeft: 2 })
  })

  test('a gateway page gets plain words of our own, and its header counts', () => {
    const problem = problemOf(502, null, '5')
    expect(problem).toMatchObject({ code: 'unreadable_answer', retryAfterS: 5 })
    expect(problem.text.zh).toContain('不会丢失')
  })

  test('a wait that is no number is passed over', () => {
    expect(problemOf(503, null, 'Wed, 21 Oct 2015 07:28:00 GMT').retryAfterS).toBeNull()
  })
})

describe('asking again', () => {
  const problem = (status: number, code: string, wait: number | null = null) => new Problem(status, code, text, wait)

  test('a lost connection is tried without end, ever more slowly up to 15 s', () => {
    const waits = [0, 1, 2, 3, 4, 50].map((tried) => nextTry(new ConnectionLost(), tried, false))
    expect(waits.map((next) => next?.afterS)).toEqual([1, 2, 4, 8, 15, 15])
    expect(waits.every((next) => next?.because === 'offline')).toBe(true)
  })

  test('a busy server is asked again when it says so', () => {
    expect(nextTry(problem(503, 'busy', 12), 0, false)).toEqual({ afterS: 12, because: 'busy' })
    expect(nextTry(problem(429, 'too_many_requests', 0), 0, false)).toEqual({ afterS: 1, because: 'busy' })
  })

  test('a wait longer than a candidate sits through is told instead', () => {
    expect(nextTry(problem(429, 'too_many_requests', LONGEST_WAIT_S + 1), 0, false)).toBeNull()
  })

  test('limits on codes are told, never waited out', () => {
    expect(nextTry(problem(429, 'code_too_soon', 30), 0, false)).toBeNull()
    expect(nextTry(problem(429, 'code_too_many', 30), 0, false)).toBeNull()
  })

  test('a fault of the server is read again a few times, but no step is repeated over it', () => {
    expect(nextTry(problem(500, 'internal'), 0, true)?.because).toBe('busy')
    expect(nextTry(problem(500, 'internal'), 5, true)).toBeNull()
    expect(nextTry(problem(500, 'internal'), 0, false)).toBeNull()
  })

  test('what the candidate has to mend is told at once', () => {
    for (const [status, code] of [
      [400, 'phone_malformed'],
      [401, 'session_expired'],
      [403, 'code_wrong'],
      [409, 'out_of_order'],
      [413, 'picture_too_large'],
      [415, 'picture_heic'],
    ] as const) {
      expect(nextTry(problem(status, code), 0, true)).toBeNull()
    }
  })

  test('an error of the page itself is not asked again', () => {
    expect(nextTry(new TypeError('bug'), 0, true)).toBeNull()
  })
})
