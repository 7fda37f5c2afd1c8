// What the server's description is about to say, under its names, laid over what it says already. Once openapi.json says it all, shapes.ts and
// client.ts take `components` and `paths` from ./schema, and this file goes.
import type { components as described, paths as describedPaths } from './schema'

type Schemas = described['schemas']
type Text = Schemas['Text']

/** The description has two shapes of the name `Problem`, and shows the other one: what a request is refused with. */
interface RowProblem {
  row: number
  column: string
  message: Text
}

interface RosterImport extends Omit<Schemas['RosterImport'], 'problems'> {
  problems: RowProblem[]
}

interface Ticket {
  path: string
}

interface PhotoExport {
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

interface Rate {
  tried: number
  well: number
}

interface Refusal {
  capture: string
  check: string
  title: Text
  count: number
}

interface Answer {
  outcome: string
  code?: string | null
  count: number
  median_ms: number
  p95_ms: number
}

interface Queue {
  count: number
  since?: string | null
}

interface Range<T> {
  slow: T
  likely: T
  fast: T
}

interface Forecast {
  left: number
  days: number
  per_day: Range<number>
  done: Range<string | null>
  deadline?: string | null
  left_at_deadline?: Range<number> | null
}

interface Numbers {
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

interface ComingPaths {
  '/api/v1/office/exams/{exam}/roster/imports': { get: Asks<OfExam, RosterImport[]> }
  '/api/v1/office/exams/{exam}/roster/imports/{id}': { get: Asks<OfExam & { id: string }, RosterImport> }
  '/api/v1/office/exams/{exam}/roster/export': { post: Sends<OfExam, { format: string }, Ticket> }
  '/api/v1/office/exams/{exam}/photos/export': { post: Sends<OfExam, { since_last: boolean }, Ticket> }
  '/api/v1/office/exams/{exam}/photos/exports': { get: Asks<OfExam, PhotoExport[]> }
  '/api/v1/office/exams/{exam}/numbers': {
    get: Omit<Asks<OfExam, Numbers>, 'parameters'> & {
      parameters: { query?: { from?: string; until?: string }; header?: never; path: OfExam; cookie?: never }
    }
  }
}

interface ComingSchemas {
  RosterImport: RosterImport
  PhotoExport: PhotoExport
  Numbers: Numbers
  Refusal: Refusal
  Answer: Answer
}

export interface components {
  schemas: Omit<Schemas, keyof ComingSchemas> & ComingSchemas
}

export type paths = Omit<describedPaths, keyof ComingPaths> & ComingPaths
