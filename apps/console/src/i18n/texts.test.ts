import { expect, test } from 'vitest'
import { DEEDS, ROLES } from '../office/roles'
import { STATES } from '../office/states'
import { en } from './en'
import { word } from './language'
import { dayBegins, instantOf, localOf, timeOf } from './time'
import { zh } from './zh'

function leaves(texts: object, at = ''): [string, unknown][] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null ? leaves(value, `${at}${key}.`) : [[`${at}${key}`, value] as [string, unknown]],
  )
}

test('both languages say the same things, and say something', () => {
  expect(leaves(en).map(([key]) => key).sort()).toEqual(leaves(zh).map(([key]) => key).sort())
  for (const [key, value] of [...leaves(zh), ...leaves(en)]) {
    expect(typeof value === 'function' ? value(3, 5) : value, key).toMatch(/\S/)
  }
})

test('Chinese is not left in English, but for names', () => {
  const names = ['language', 'product', 'levels.']
  const left = leaves(en).filter(([key, value]) => typeof value === 'string' && /[\u4e00-\u9fff]/.test(value) && !names.some((name) => key.startsWith(name)))
  expect(left).toEqual([])
})

test('every state, role and deed has its word', () => {
  for (const t of [zh, en]) {
    expect(Object.keys(t.states)).toEqual([...STATES])
    expect(Object.keys(t.roles)).toEqual([...ROLES])
    expect(Object.keys(t.deeds)).toEqual(Object.keys(DEEDS))
  }
})

test('a name without a word stands for itself', () => {
  expect([word(zh.states, 'failed'), word(zh.states, 'new_one'), word(zh.states, 'toString'), word(zh.states, null)]).toEqual(['采集失败', 'new_one', 'toString', '—'])
})

test('times', () => {
  expect(timeOf('2026-03-01T09:30:15')).toBe('2026-03-01 09:30:15')
  expect([timeOf(null), timeOf('soon')]).toEqual(['—', '—'])
  expect(instantOf('2026-03-01T09:30')).toBe(new Date(2026, 2, 1, 9, 30).toISOString())
  expect([instantOf(''), instantOf(undefined)]).toEqual([undefined, undefined])
  expect(localOf(instantOf('2026-03-01T09:30'))).toBe('2026-03-01T09:30')
  expect(localOf(null)).toBe('')
  expect(dayBegins('2026-03-31', 1)).toBe(new Date(2026, 3, 1).toISOString())
  expect([dayBegins(''), dayBegins(undefined, 1)]).toEqual([undefined, undefined])
})
