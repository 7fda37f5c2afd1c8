// What a correction sends: the version that was looked at, the reason, and only what was changed.
import type { Correction, Plain } from '../api/shapes'

export const FIELDS = ['name', 'number', 'ethnicity', 'address', 'phone', 'level'] as const
export type Field = (typeof FIELDS)[number]
export type Values = Record<Field, string>

/** The form's values as the registration has them. */
export const valuesOf = (registration: Plain, level: string): Values => ({
  name: registration.name,
  number: registration.number,
  ethnicity: registration.ethnicity ?? '',
  address: registration.address ?? '',
  phone: registration.phone ?? '',
  level,
})

/** The fields that differ, blanks around a value aside. */
export const changedFields = (before: Values, after: Values): Field[] =>
  FIELDS.filter((field) => before[field].trim() !== (after[field] ?? '').trim())

export function correctionOf(version: number, before: Values, after: Values, reason: string): Correction {
  const changes = changedFields(before, after).map((field) => [field, after[field].trim()])
  return { version, reason: reason.trim(), ...Object.fromEntries(changes) }
}
