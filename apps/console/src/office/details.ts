// The details of an event or an audit entry, in words.
import { word } from '../i18n/language'
import type { Texts } from '../i18n/zh'

const wordsFor = (t: Texts): Record<string, Record<string, string>> => ({
  state: t.states, role: t.roles, fields: t.fields, kind: t.pictures.kinds, objections: t.inspections.reasons, failed: t.inspections.reasons, discrepancies: t.fields, inspection: t.sessions.inspections,
})

function valueOf(t: Texts, key: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => valueOf(t, key, one)).join(t.common.list)
  if (typeof value === 'boolean') return value ? t.common.yes : t.common.no
  if (typeof value !== 'string') return JSON.stringify(value)
  if (key === 'reason') return value
  return word(wordsFor(t)[key] ?? t.detailValues, value)
}

/** What is empty says nothing. */
const says = (value: unknown): boolean => value !== null && !(Array.isArray(value) && value.length === 0)

export const detailsOf = (t: Texts, details: object): string[] =>
  Object.entries(details)
    .filter(([, value]) => says(value))
    .map(([key, value]) => `${word(t.details, key)}${t.common.colon}${valueOf(t, key, value)}`)
