// The details of an event or an audit entry, in words.
import { word } from '../i18n/language'
import type { Texts } from '../i18n/zh'

function valueOf(t: Texts, key: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => valueOf(t, key, one)).join(t.common.list)
  if (typeof value === 'boolean') return value ? t.common.yes : t.common.no
  if (typeof value !== 'string') return JSON.stringify(value)
  if (key === 'state') return word(t.states, value)
  if (key === 'role') return word(t.roles, value)
  if (key === 'fields') return word(t.fields, value)
  return key === 'reason' ? value : word(t.detailValues, value)
}

export const detailsOf = (t: Texts, details: object): string[] =>
  Object.entries(details).map(([key, value]) => `${word(t.details, key)}${t.common.colon}${valueOf(t, key, value)}`)
