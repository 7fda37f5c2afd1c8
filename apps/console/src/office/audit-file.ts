// The audit log as files: a table for people, lines of JSON for machines.
import type { AuditPage, AuditRow } from '../api/shapes'
import { word } from '../i18n/language'
import { timeOf } from '../i18n/time'
import type { Texts } from '../i18n/zh'
import { csvOf } from './csv'
import { detailsOf } from './details'

/** Every entry, page by page; told is how many are here. Ends early, with what is here, once it is not wanted any more. */
export async function collect(page: (before: number | undefined) => Promise<AuditPage>, told: (count: number) => void, wanted: () => boolean): Promise<AuditRow[]> {
  const rows: AuditRow[] = []
  let before: number | undefined
  do {
    const { entries, next } = await page(before)
    rows.push(...entries)
    before = next ?? undefined
    told(rows.length)
  } while (before !== undefined && wanted())
  return rows
}

export const auditCsv = (t: Texts, rows: readonly AuditRow[]): Blob =>
  csvOf([
    [t.audit.number, t.audit.at, t.audit.actor, t.audit.deed, t.audit.subject, t.audit.details],
    ...rows.map(({ number, at, actor, deed, subject, details }) => [
      number, timeOf(at), actor, word(t.deeds, deed), subject ?? '', detailsOf(t, details).join(' · '),
    ]),
  ])

export const auditLines = (rows: readonly AuditRow[]): Blob => new Blob(rows.map((row) => `${JSON.stringify(row)}\n`), { type: 'application/x-ndjson' })
