import { expect, test } from 'vitest'
import { en } from './en'
import { localTime } from './time'
import { zh } from './zh'

/** All words of a table; functions are called with stand-ins. */
function words(table: unknown, path = ''): Array<[string, string]> {
  if (typeof table === 'string') return [[path, table]]
  if (typeof table === 'function') return [[path, String((table as (...all: unknown[]) => unknown)(3, 5, 'x'))]]
  return Object.entries(table as object).flatMap(([key, value]) => words(value, `${path}.${key}`))
}

test('both languages say everything', () => {
  expect(words(en).map(([path]) => path)).toEqual(words(zh).map(([path]) => path))
  for (const [path, said] of [...words(zh), ...words(en)]) expect(said.trim(), path).not.toBe('')
})

test('Chinese is Chinese and English is English, but for names', () => {
  const names = new Set(['.language.name', '.language.other', '.success.prior'])
  for (const [path, said] of words(en)) if (!names.has(path)) expect(said, path).not.toMatch(/\p{Script=Han}/u)
  for (const [path, said] of words(zh)) if (!names.has(path) && path !== '.stages.label') expect(said, path).toMatch(/[\p{Script=Han}、]/u)
})

test('labels are the words of the design', () => {
  expect([
    zh.home.enter,
    zh.login.send,
    zh.login.agree + zh.login.agreement + zh.login.and + zh.login.privacy,
    zh.login.submit,
    zh.card.portrait,
    zh.card.emblem,
    zh.card.camera,
    zh.card.album,
    zh.card.submit,
    zh.confirm.title,
    zh.confirm.name,
    zh.confirm.number,
    zh.confirm.ethnicity,
    zh.confirm.address,
    zh.confirm.ok,
    zh.confirm.again,
    zh.advisory.go,
    zh.photo.album,
    zh.photo.camera,
    zh.photo.done,
    zh.photo.next,
    zh.photo.cancel,
    zh.check.submit,
    zh.check.retake,
    zh.consent.submit,
    zh.success.title,
    zh.refused.title,
    zh.refused.retake,
  ]).toEqual([
    '点击进入采集系统',
    '获取验证码',
    '已阅读并同意《用户协议》及《隐私协议》',
    '登录',
    '点击上传人像面',
    '点击上传国徽面',
    '拍照上传',
    '相册上传',
    '确定',
    '请确认身份信息',
    '姓名',
    '身份证号码',
    '民族',
    '住址',
    '确认无误',
    '重新录入',
    '确定,去采集',
    '相册上传',
    '直接拍照',
    '完成',
    '下一步',
    '取消',
    '提交照片',
    '重新拍照',
    '同意并提交',
    '提交成功',
    '身份核验不通过',
    '重新拍照',
  ])
  expect(zh.success.prior).toContain('前置学历验证')
  expect(zh.photo.tips).toHaveLength(5)
})

test('a time is told in the language and the phone’s zone', () => {
  expect(localTime('2025-11-03T04:05:00', 'zh')).toBe('2025年11月3日 04:05')
  expect(localTime('2025-11-03T04:05:00', 'en')).toBe('2025-11-03 04:05')
  expect(localTime('soon', 'en')).toBe('soon')
})
