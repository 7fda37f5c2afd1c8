import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchIdle, type Idle } from './idle'
import { SessionKeeper } from './session'

const signedIn = { token: 't', idle_s: 900, me: { account: 'li', role: 'viewer' } }

class Memory {
  held = new Map<string, string>()
  getItem = (key: string) => this.held.get(key) ?? null
  setItem = (key: string, value: string) => void this.held.set(key, value)
  removeItem = (key: string) => void this.held.delete(key)
}

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

test('a warning a minute before the end, which staying takes away', () => {
  const keeper = new SessionKeeper(undefined)
  keeper.begin(signedIn)
  let idle: Idle = { state: 'live' }
  const stop = watchIdle(900, () => keeper.touchedAt(), (told) => (idle = told))
  vi.advanceTimersByTime(839_000)
  expect(idle).toEqual({ state: 'live' })
  vi.advanceTimersByTime(1_000)
  expect(idle).toEqual({ state: 'warning', left_s: 60 })
  vi.advanceTimersByTime(20_000)
  expect(idle).toEqual({ state: 'warning', left_s: 40 })
  keeper.touch()
  vi.advanceTimersByTime(1_000)
  expect(idle).toEqual({ state: 'live' })
  vi.advanceTimersByTime(899_000)
  expect(idle).toEqual({ state: 'over' })
  stop()
})

test('after a sleep the session is over at once', () => {
  const told: Idle[] = []
  const begun = Date.now()
  watchIdle(900, () => begun, (idle) => told.push(idle))
  vi.setSystemTime(begun + 3_600_000)
  vi.advanceTimersByTime(10_000)
  expect(told.map((idle) => idle.state)).toEqual(['live', 'over'])
})

test('a short session is warned of at half-time', () => {
  const told: Idle[] = []
  const begun = Date.now()
  watchIdle(20, () => begun, (idle) => told.push(idle))
  vi.advanceTimersByTime(10_000)
  expect(told.at(-1)).toEqual({ state: 'warning', left_s: 10 })
})

test('a session outlives a reload of its tab, and nothing of it stays once it has ended', () => {
  const memory = new Memory()
  const keeper = new SessionKeeper(memory)
  keeper.begin(signedIn)
  expect(new SessionKeeper(memory).current()?.token).toBe('t')
  const listener = vi.fn()
  keeper.subscribe(listener)
  keeper.end('ended')
  expect([keeper.current(), keeper.ending(), memory.held.size]).toEqual([null, 'ended', 0])
  keeper.end('idle')
  expect(keeper.ending()).toBe('ended')
  expect(listener).toHaveBeenCalledTimes(1)
})

test('what cannot be read back is nobody', () => {
  const memory = new Memory()
  memory.setItem('zhaoyan.console.session', '{')
  expect(new SessionKeeper(memory).current()).toBeNull()
})
