import { expect, test } from 'vitest'
import type { Finding } from '../api/shapes'
import { graded, marksOf, numbersOf } from './marks'

const SPOT = { left: 0.3, top: 0.2, width: 0.4, height: 0.5 }
const finding = (id: string, outcome: string, spot: Finding['spot'] = null): Finding => ({
  id, outcome, spot, title: { zh: id, en: id }, limit: '', message: { zh: id, en: id },
})

const REPORT = [finding('a', 'pass', SPOT), finding('b', 'warn', SPOT), finding('c', 'not_assessed'), finding('d', 'fail'), finding('e', 'fail', SPOT)]

test('what is wrong comes first, and only what has a place is numbered', () => {
  expect(graded(REPORT).map(({ id }) => id)).toEqual(['d', 'e', 'b', 'c', 'a'])
  expect([...numbersOf(REPORT)]).toEqual([['e', 1], ['b', 2], ['a', 3]])
})

test('rings lie where the spots are, with the numbers of the table', () => {
  expect(marksOf(REPORT, false).map(({ id, number }) => [id, number])).toEqual([['e', 1], ['b', 2]])
  expect(marksOf(REPORT, true).map(({ number }) => number)).toEqual([1, 2, 3])
  expect(marksOf(REPORT, false)[0]?.frame).toEqual({ left: '30%', top: '20%', width: '40%', height: '50%' })
})

test('a small spot gets a ring that can be seen, inside the picture', () => {
  const tiny = finding('a', 'fail', { left: 0.99, top: 0, width: 0.01, height: 0.01 })
  expect(marksOf([tiny], false)[0]?.frame).toEqual({ left: '91%', top: '0%', width: '9%', height: '9%' })
})

test('neighbours take different corners', () => {
  const corners = marksOf(REPORT, true).map(({ corner }) => corner)
  expect(new Set(corners).size).toBe(corners.length)
})
