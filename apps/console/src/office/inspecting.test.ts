import { expect, test } from 'vitest'
import { en } from '../i18n/en'
import { zh } from '../i18n/zh'
import { actOf, REASONS, reasonsFor, type Key } from './inspecting'

const key = (code: string, more: Partial<Key> = {}): Key => ({ code, ctrlKey: false, metaKey: false, altKey: false, repeat: false, isComposing: false, ...more })

test('one key passes, one refuses, arrows move', () => {
  expect(['KeyP', 'KeyR', 'ArrowRight', 'ArrowLeft', 'Enter', 'Digit1'].map((code) => actOf(key(code), false, 'free')?.act ?? null)).toEqual([
    'pass', 'refuse', 'next', 'previous', null, null,
  ])
  expect(actOf(key('KeyP'), false, 'pressed')).toEqual({ act: 'pass' })
})

test('while a photo is refused, digits choose, Enter confirms, Escape leaves, and nothing passes it', () => {
  expect(actOf(key('Digit2'), true, 'free')).toEqual({ act: 'reason', digit: 2 })
  expect(actOf(key('Numpad9'), true, 'free')).toEqual({ act: 'reason', digit: 9 })
  expect(actOf(key('Digit0'), true, 'free')).toBeNull()
  expect(['Enter', 'NumpadEnter', 'Escape', 'KeyP', 'ArrowRight'].map((code) => actOf(key(code), true, 'free')?.act ?? null)).toEqual([
    'confirm', 'confirm', 'cancel', null, null,
  ])
  expect(actOf(key('Enter'), true, 'pressed')).toBeNull()
})

test('what is typed is typed, and dialogs have their keys to themselves', () => {
  expect([actOf(key('KeyP'), false, 'text'), actOf(key('Digit1'), true, 'text'), actOf(key('KeyP'), false, 'dialog')]).toEqual([null, null, null])
  expect(actOf(key('Enter'), true, 'text')).toEqual({ act: 'confirm' })
  for (const held of ['ctrlKey', 'metaKey', 'altKey', 'repeat', 'isComposing'] as const) {
    expect(actOf(key('KeyP', { [held]: true }), false, 'free')).toBeNull()
    expect(actOf(key('Enter', { [held]: true }), true, 'text')).toBeNull()
  }
})

test('what a photo was warned of can be chosen, and every reason with a digit has its words', () => {
  const finding = (id: string) => ({ id, outcome: 'warn', title: { zh: id, en: id }, limit: '', message: { zh: id, en: id } })
  const choices = reasonsFor({ findings: [finding('head_pose'), finding('noise')] })
  expect(choices.map(({ id }) => id)).toEqual([...REASONS, 'noise'])
  expect(choices.at(-1)?.digit).toBeNull()
  for (const t of [zh, en]) expect(Object.keys(t.inspections.reasons)).toEqual([...REASONS])
})
