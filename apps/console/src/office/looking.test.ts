import { expect, test } from 'vitest'
import { session } from '../session/session'
import { en } from '../i18n/en'
import { zh } from '../i18n/zh'
import { detailsOf } from './details'
import { ANYBODY, isNarrowed, keepLooking, lookingIn, NOT_BEGUN, searchOf } from './looking'

test('what is searched for counts before a state, and goes on after the page before', () => {
  expect(searchOf(ANYBODY)).toEqual({})
  expect(searchOf({ ...ANYBODY, state: 'failed', afters: ['a', 'b'] })).toEqual({ state: 'failed', after: 'b' })
  expect(searchOf({ ...ANYBODY, by: 'name', value: '样本', state: 'failed', level: '高起专' })).toEqual({ name: '样本' })
})

test('state, level and days go together; the last day is in it', () => {
  const looking = { ...ANYBODY, state: NOT_BEGUN, level: '专升本', from: '2026-03-01', until: '2026-03-31' }
  const days = { from: new Date(2026, 2, 1).toISOString(), until: new Date(2026, 3, 1).toISOString() }
  expect(searchOf(looking)).toEqual({ state: 'none', level: '专升本', ...days })
  expect([isNarrowed(looking), isNarrowed({ ...ANYBODY, until: '2026-03-31' }), isNarrowed({ ...ANYBODY, afters: ['a'] })]).toEqual([true, true, false])
})

test('what was looked for is forgotten with the session', () => {
  session.begin({ token: 't', idle_s: 900, me: { account: 'li', role: 'viewer' } })
  keepLooking('sample', { ...ANYBODY, by: 'name', value: '样本' })
  expect(lookingIn('sample').value).toBe('样本')
  session.end('signed_out')
  expect(lookingIn('sample')).toEqual(ANYBODY)
})

test('details are told in words, and what is not known as it is', () => {
  const details = { fields: ['name', 'address'], state: 'failed', active: false, role: 'viewer', reason: 'desk', other: 3 }
  expect(detailsOf(zh, details)).toEqual(['项目：姓名、住址', '状态：采集失败', '在岗：否', '角色：查看人员', '原因：desk', 'other：3'])
  expect(detailsOf(zh, { kind: 'card_face', objections: ['unlike', 'noise'], what: 'card' })).toEqual(['照片：证件上的头像', '不通过的原因：与证件上的头像不像、noise', '退回：身份证'])
  expect(detailsOf(zh, { accepted: false, failed: ['head_pose'], closes_at: null })).toEqual(['合格：否', '不合格项：头部不端正'])
  expect(detailsOf(zh, { accepted: true, failed: [] })).toEqual(['合格：是'])
  expect(detailsOf(en, details)[0]).toBe('Fields: Name, Address')
})
