import { expect, test } from 'vitest'
import { daysOf, hoursOf, percentOf, secondsOf, shareOf } from './numbers'

const hour = (at: string, logins: number) => ({ at, logins, cards: 0, photos: 0, completed: 0 })

test('hours and days without anything are there', () => {
  const hours = hoursOf({ hours: [hour('2026-03-01T01:00:00Z', 2), hour('2026-03-01T04:00:00Z', 5)] })
  expect(hours.of.logins).toEqual([2, 0, 0, 5])
  expect(hours.at[3]).toBe(Date.parse('2026-03-01T04:00:00Z') / 1000)
  const days = daysOf({ days: [{ day: '2026-02-27', completed: 3 }, { day: '2026-03-02', completed: 1 }] })
  expect(days.of.completed).toEqual([3, 0, 0, 1])
  expect(days.at[1]).toBe(new Date(2026, 1, 28).getTime() / 1000)
  expect([hoursOf({ hours: [] }).at, daysOf({ days: [] }).at]).toEqual([[], []])
})

test('shares say neither all nor nothing of what is not', () => {
  expect([percentOf(1, 3), percentOf(3, 3), percentOf(9999, 10000), percentOf(1, 10000), percentOf(0, 5), percentOf(1, 0)]).toEqual([
    '33.3%', '100%', '> 99.9%', '< 0.1%', '0%', '—',
  ])
  expect([shareOf(6, 3), shareOf(0, 0)]).toEqual([1, null])
})

test('times', () => {
  expect([secondsOf(850), secondsOf(1_500), secondsOf(12_000)]).toEqual(['850 ms', '1.5 s', '12 s'])
})
