import { expect, test } from 'vitest'
import { changedFields, correctionOf, valuesOf } from './correction'
import { canCaptureAtDesk, canComplete, canRedeliver, canReopen, canTakeBack, STATES, stepOf } from './states'

const before = valuesOf({ name: '样本', number: '110000199003070015', ethnicity: null, address: '样本路', phone: '13900000001' }, '高起专')

test('only what was changed is sent, with version and reason', () => {
  const after = { ...before, name: ' 样本乙 ', address: '' }
  expect(correctionOf(3, before, after, ' 报名时写错 ')).toEqual({ version: 3, reason: '报名时写错', name: '样本乙', address: '' })
})

test('blanks around a value are no change', () => {
  expect(changedFields(before, { ...before, phone: ' 13900000001' })).toEqual([])
})

test('states in which the office may step in', () => {
  expect(STATES.filter(canReopen)).toEqual(['failed'])
  expect(STATES.filter(canComplete)).toEqual(['review', 'consent', 'warned', 'inspection', 'refused'])
  expect(STATES.filter(canTakeBack.photo)).toEqual(['review', 'consent', 'warned', 'inspection', 'refused', 'completed'])
  expect(STATES.filter((state) => !canTakeBack.card(state))).toEqual(['card', 'verifying', 'failed'])
  expect(STATES.filter(canRedeliver)).toEqual(['completed'])
  expect(STATES.filter((state) => !canCaptureAtDesk(state))).toEqual(['completed', 'failed'])
  expect([canTakeBack.card(null), canTakeBack.photo(null), canCaptureAtDesk(null)]).toEqual([false, false, true])
  expect(canReopen(null) || canComplete(undefined)).toBe(false)
  expect(STATES.map(stepOf)).not.toContain(-1)
  expect(stepOf(null)).toBe(-1)
})
