// What the form of an exam session holds, and what is sent of it.
import type { ExamDetails, SetExam, SetText } from '../api/shapes'
import { instantOf, localOf } from '../i18n/time'

export const DOCUMENTS = ['agreement', 'privacy', 'face_consent'] as const
export type DocumentKind = (typeof DOCUMENTS)[number]

export const INSPECTIONS = ['off', 'warned', 'every'] as const

export interface ExamValues {
  id: string
  name: string
  standard: string
  attempts_allowed: number
  open: boolean
  /** Local, as the field writes it; empty for none. */
  closes_at: string
  cards: string[]
  inspection: string
  two_eyes: boolean
  office_name: string
  office_phone: string
  /** Texts of the office's own; those that stay as they are are not in it. */
  texts?: Partial<Record<DocumentKind, SetText>>
}

/** The form as the exam session has it. A new one begins as one that there is, closed and without a deadline. */
export const examValues = (of: ExamDetails | null, fresh: boolean): ExamValues => ({
  id: fresh ? '' : (of?.id ?? ''),
  name: fresh ? '' : (of?.name ?? ''),
  standard: of?.standard ?? '',
  attempts_allowed: of?.attempts_allowed ?? 5,
  open: fresh ? false : (of?.open ?? false),
  closes_at: fresh ? '' : localOf(of?.closes_at),
  cards: of?.cards ?? [],
  inspection: of?.inspection ?? 'off',
  two_eyes: of?.two_eyes ?? false,
  office_name: of?.office.name ?? '',
  office_phone: of?.office.phone ?? '',
})

/** A document as one edits it: the first line is its title. */
export const writtenOf = (document: ExamDetails[DocumentKind] | undefined): Omit<SetText, 'version'> => ({
  zh: document ? `${document.title.zh}\n\n${document.body.zh}` : '',
  en: document ? `${document.title.en}\n\n${document.body.en}` : '',
})

/** What is sent. A field for a time knows no seconds: a deadline that was not touched is sent as it was. */
export function setExamOf(values: ExamValues, before: ExamDetails | null): SetExam {
  const untouched = before?.id === values.id && localOf(before.closes_at) === values.closes_at
  const texts = DOCUMENTS.flatMap((kind) => {
    const text = values.texts?.[kind]
    return text ? [[kind, { ...text, version: text.version.trim() }] as const] : []
  })
  return {
    name: values.name.trim(),
    standard: values.standard.trim(),
    attempts_allowed: values.attempts_allowed,
    open: values.open,
    closes_at: untouched ? (before.closes_at ?? null) : (instantOf(values.closes_at) ?? null),
    ...(values.cards.length > 0 ? { cards: values.cards } : {}),
    inspection: values.inspection,
    two_eyes: values.two_eyes,
    office_name: values.office_name.trim(),
    office_phone: values.office_phone.trim(),
    ...Object.fromEntries(texts),
  }
}
