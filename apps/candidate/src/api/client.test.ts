import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { GivenUp, insist } from './client'
import { ConnectionLost, Problem, type NextTry } from './problem'

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('window', { addEventListener: () => undefined, removeEventListener: () => undefined })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('a request gets through after the network is back, and the banner goes', async () => {
  const told: Array<NextTry | null> = []
  let times = 0
  const answer = insist(
    async () => {
      times += 1
      if (times < 3) throw new ConnectionLost()
      return 'here'
    },
    false,
    (next) => told.push(next),
    () => true,
  )
  await vi.advanceTimersByTimeAsync(3_000)
  expect(await answer).toBe('here')
  expect(told.map((next) => next?.because ?? null)).toEqual(['offline', 'offline', null])
})

test('a refusal is thrown at once', async () => {
  const refusal = new Problem(415, 'picture_heic', { zh: '', en: '' })
  const ask = vi.fn(() => Promise.reject(refusal))
  await expect(insist(ask, false, () => undefined, () => true)).rejects.toBe(refusal)
  expect(ask).toHaveBeenCalledTimes(1)
})

test('a request of a session that has ended is given up', async () => {
  let wanted = true
  const answer = insist(
    () => Promise.reject(new ConnectionLost()),
    false,
    () => undefined,
    () => wanted,
  )
  const given = expect(answer).rejects.toBeInstanceOf(GivenUp)
  wanted = false
  await vi.advanceTimersByTimeAsync(2_000)
  await given
})
