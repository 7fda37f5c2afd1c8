import { expect, test } from 'vitest'
import type { AuditRow } from '../api/shapes'
import { zh } from '../i18n/zh'
import { auditCsv, auditLines, collect } from './audit-file'

const row = (number: number): AuditRow => ({ number, at: '2026-03-01T09:30:15', actor: 'li', deed: 'reopen', subject: 'a/R1', details: { reason: '=1+1' } })
const PAGES = new Map([[undefined, { entries: [row(4), row(3)], next: 3 }], [3, { entries: [row(2), row(1)], next: null }]])
const page = async (before: number | undefined) => PAGES.get(before) ?? { entries: [] }

test('every page is fetched, until it is not wanted', async () => {
  const counts: number[] = []
  expect((await collect(page, (count) => counts.push(count), () => true)).map(({ number }) => number)).toEqual([4, 3, 2, 1])
  expect(counts).toEqual([2, 4])
  expect(await collect(page, () => undefined, () => false)).toHaveLength(2)
})

test('a table for people, and the entries as they are', async () => {
  expect(await auditCsv(zh, [row(1)]).text()).toContain('1,2026-03-01 09:30:15,li,重新开放,a/R1,原因：=1+1\r\n')
  expect(JSON.parse(await auditLines([row(1)]).text())).toEqual(row(1))
})
