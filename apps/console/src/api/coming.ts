// What the server's description is about to say, by the contract of the office's API. What openapi.json says by now is dropped here; with
// the last of it this file goes.
import type { components, paths as described } from './schema'

type Schemas = components['schemas']
type Text = Schemas['Text']

export interface CardKindName {
  id: string
  name: Text
}

export interface ExamDetails extends Omit<Schemas['ExamDetails'], 'closes_at'> {
  closes_at?: string | null
  cards: string[]
  card_kinds: CardKindName[]
  inspection: string
  two_eyes: boolean
}

export interface SetExam extends Omit<Schemas['SetExam'], 'closes_at'> {
  closes_at?: string | null
  cards?: string[]
  inspection?: string
  two_eyes?: boolean
}

export interface Search extends Omit<Schemas['Search'], 'level'> {
  level?: string | null
  from?: string | null
  until?: string | null
}

export interface ImportProblem {
  row: number
  column?: string | null
  message: Text
}

export interface ImportPreview {
  row: number
  registration: string
  name: string
  number: string
  phone: string
  level: string
}

export interface RosterImport {
  id: string
  file: string
  dry_run: boolean
  existing: string
  actor: string
  state: string
  started_at: string
  finished_at?: string | null
  rows: number
  added: number
  changed: number
  unchanged: number
  kept: number
  refused: number
  problems: ImportProblem[]
  preview: ImportPreview[]
  failure?: Text | null
}

export interface Download {
  path: string
}

export interface TakeBack {
  what: string
  reason: string
}

export interface Inspection {
  registration: string
  name: string
  level: string
  since: string
  findings: Schemas['Finding'][]
  similarity?: number | null
  passed_by: string[]
  mine: boolean
}

export interface Inspections {
  waiting: number
  items: Inspection[]
}

export interface Inspect {
  pass: boolean
  reasons?: string[]
  note?: string | null
}

export interface Desk {
  path: string
}

export interface PhotoExport {
  id: string
  actor: string
  since?: string | null
  started_at: string
  finished_at?: string | null
  photos: number
  missing: number
  remaining: number
  bytes: number
}

export interface Rate {
  tried: number
  well: number
}

export interface Refusal {
  capture: string
  check: string
  title: Text
  count: number
}

export interface Answer {
  outcome: string
  code?: string | null
  count: number
  median_ms: number
  p95_ms: number
}

export interface Queue {
  count: number
  since?: string | null
}

interface Range<T> {
  slow: T
  likely: T
  fast: T
}

export interface Forecast {
  left: number
  days: number
  per_day: Range<number>
  done: Range<string | null>
  deadline?: string | null
  left_at_deadline?: Range<number> | null
}

export interface Numbers {
  at: string
  registrations: number
  states: { [state: string]: number }
  steps: {
    logged_in: number; card: number; confirmed: number; photo: number; consented: number; verified: number; completed: number; at_desk: number
  }
  first_tries: { card_portrait: Rate; card_emblem: Rate; photo: Rate; platform: Rate }
  refusals: Refusal[]
  answers: Answer[]
  attempts_waiting: Queue
  deliveries_waiting: Queue
  messages: { sent: number; waiting: number; dropped: { [code: string]: number } }
  hours: { at: string; logins: number; cards: number; photos: number; completed: number }[]
  days: { day: string; completed: number }[]
  forecast?: Forecast | null
}

interface Asks<Path, Answer> {
  parameters: { query?: never; header?: never; path: Path; cookie?: never }
  requestBody?: never
  responses: { 200: { headers: { [name: string]: unknown }; content: { 'application/json': Answer } } }
}

interface Sends<Path, Body, Answer> extends Omit<Asks<Path, Answer>, 'requestBody'> {
  requestBody: { content: { 'application/json': Body } }
}

interface OfExam {
  exam: string
}

interface OfCandidate extends OfExam {
  registration: string
}

interface Coming {
  '/api/v1/office/exams/{exam}': { get: Asks<OfExam, ExamDetails>; put: Sends<OfExam, SetExam, void> }
  '/api/v1/office/exams/{exam}/candidates': { post: Sends<OfExam, Search, Schemas['Found']> }
  '/api/v1/office/exams/{exam}/roster/imports': { get: Asks<OfExam, RosterImport[]> }
  '/api/v1/office/exams/{exam}/roster/imports/{id}': { get: Asks<OfExam & { id: string }, RosterImport> }
  '/api/v1/office/exams/{exam}/roster/export': { post: Sends<OfExam, { format: string }, Download> }
  '/api/v1/office/exams/{exam}/candidates/{registration}/take-back': { post: Sends<OfCandidate, TakeBack, void> }
  '/api/v1/office/exams/{exam}/candidates/{registration}/redeliver': { post: Sends<OfCandidate, Schemas['Reason'], void> }
  '/api/v1/office/exams/{exam}/candidates/{registration}/inspect': { post: Sends<OfCandidate, Inspect, void> }
  '/api/v1/office/exams/{exam}/candidates/{registration}/desk': { post: Sends<OfCandidate, Schemas['Reason'], Desk> }
  '/api/v1/office/exams/{exam}/photos/export': { post: Sends<OfExam, { since_last: boolean }, Download> }
  '/api/v1/office/exams/{exam}/photos/exports': { get: Asks<OfExam, PhotoExport[]> }
  '/api/v1/office/exams/{exam}/numbers': {
    get: Omit<Asks<OfExam, Numbers>, 'parameters'> & {
      parameters: { query?: { from?: string; until?: string }; header?: never; path: OfExam; cookie?: never }
    }
  }
  '/api/v1/office/exams/{exam}/inspections': { get: Asks<OfExam, Inspections> }
}

export type paths = Omit<described, keyof Coming> & Coming
