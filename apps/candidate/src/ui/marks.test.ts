import { describe, expect, test } from 'vitest'
import type { Finding, Spot } from '../api/shapes'
import { marksOf, told } from './marks'

const finding = (id: string, rank?: number, spot?: Spot): Finding => ({
  id,
  title: { zh: id, en: id },
  outcome: 'fail',
  part: null,
  measure: null,
  limit: '',
  message: { zh: id, en: id },
  ...(rank === undefined ? {} : { rank }),
  ...(spot === undefined ? {} : { spot }),
})

const frameOf = (spot: Spot) => marksOf([finding('a', 1, spot)])[0]?.frame

describe('what is told', () => {
  test('goes by the server’s rank, and what has none is not told', () => {
    const all = [finding('third', 3), finding('first', 1), finding('explained'), finding('second', 2)]
    expect(told(all).map((one) => one.id)).toEqual(['first', 'second', 'third'])
  })
})

describe('rings', () => {
  test('lie where the spots are, in percent', () => {
    expect(frameOf({ left: 0.25, top: 0.125, width: 0.5, height: 0.3333 })).toEqual({
      left: '25%',
      top: '12.5%',
      width: '50%',
      height: '33.33%',
    })
  })

  test('are large enough to be seen, around the same middle', () => {
    expect(frameOf({ left: 0.5, top: 0.5, width: 0.01, height: 0.02 })).toEqual({
      left: '46%',
      top: '46.5%',
      width: '9%',
      height: '9%',
    })
  })

  test('stay inside the picture', () => {
    expect(frameOf({ left: -0.1, top: 0.99, width: 0.3, height: 0.2 })).toEqual({
      left: '0%',
      top: '91%',
      width: '20%',
      height: '9%',
    })
    expect(frameOf({ left: 0, top: 0, width: 1, height: 1 })).toEqual({ left: '0%', top: '0%', width: '100%', height: '100%' })
  })

  test('are drawn only for reasons that have a place, each number at a corner of its own', () => {
    const spot = { left: 0.3, top: 0.2, width: 0.4, height: 0.4 }
    const marks = marksOf([finding('a', 1, spot), finding('b', 2), finding('c', 3, spot)])
    expect(marks.map((one) => [one.rank, one.corner])).toEqual([
      [1, 'top-left'],
      [3, 'bottom-left'],
    ])
  })
})
