import { expect, test } from 'vitest'
import type { ExamDetails } from '../api/shapes'
import { examValues, setExamOf, writtenOf } from './exam-form'

const text = (zh: string, en: string) => ({ zh, en })
const document = { version: '1', title: text('用户协议', 'Agreement'), body: text('一\n\n二', 'one\n\ntwo') }
const EXAM: ExamDetails = {
  id: 'sample', name: '样本', open: true, standard: 'chengkao', attempts_allowed: 3, closes_at: '2026-09-30T09:59:59Z',
  cards: ['resident_identity_card'], card_kinds: [], inspection: 'warned', two_eyes: true,
  office: { name: '成招办', phone: '0000-1' }, agreement: document, privacy: document, face_consent: document, standards: [],
}

test('what was not touched is sent as it was, texts not at all', () => {
  expect(setExamOf(examValues(EXAM, false), EXAM)).toEqual({
    name: '样本', standard: 'chengkao', attempts_allowed: 3, open: true, closes_at: '2026-09-30T09:59:59Z', cards: ['resident_identity_card'],
    inspection: 'warned', two_eyes: true, office_name: '成招办', office_phone: '0000-1',
  })
})

test('a deadline is set and taken away, a text gets its version', () => {
  const values = { ...examValues(EXAM, false), closes_at: '', texts: { privacy: { version: ' 2 ', ...writtenOf(document) } } }
  expect(setExamOf(values, EXAM)).toMatchObject({ closes_at: null, privacy: { version: '2', zh: '用户协议\n\n一\n\n二', en: 'Agreement\n\none\n\ntwo' } })
  expect(setExamOf({ ...values, closes_at: '2026-10-01T08:00' }, EXAM).closes_at).toBe(new Date(2026, 9, 1, 8).toISOString())
})

test('a new one begins as another is, but closed and without a name', () => {
  expect(examValues(EXAM, true)).toMatchObject({ id: '', name: '', open: false, closes_at: '', standard: 'chengkao', inspection: 'warned' })
  expect(setExamOf({ ...examValues(null, true), id: 'b', name: '乙' }, null)).not.toHaveProperty('cards')
})
