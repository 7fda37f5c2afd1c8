// Short names for what the server's description says.
import type { components, paths } from './schema'

type Schemas = components['schemas']
export type Text = Schemas['Text']
export type Me = Schemas['Me']
export type SignedIn = Schemas['SignedIn']
export type Access = Schemas['Access']
export type Staff = Schemas['Staff']
export type Search = Schemas['Search']
export type CandidateRow = Schemas['CandidateRow']
export type Found = Schemas['Found']
export type Story = Schemas['Story']
export type Finding = Schemas['Finding']
export type AttemptRow = Schemas['AttemptRow']
export type DeliveryRow = Schemas['DeliveryRow']
export type ConsentRow = Schemas['ConsentRow']
export type EventRow = Schemas['EventRow']
export type Particulars = Schemas['Particulars']
export type Plain = Schemas['Plain']
export type Correction = Schemas['Correction']
export type AuditPage = Schemas['AuditPage']
export type AuditRow = Schemas['AuditRow']
export type AuditProof = Schemas['AuditProof']

/**
 * An exam session. By hand until the server's description has `GET /api/v1/office/exams`: then this and `Paths` below go.
 */
export interface Exam {
  id: string
  name: string
  open: boolean
  standard: string
  registrations: number
  /** How many collections are in each state. */
  states: Record<string, number>
}

export type Paths = paths & {
  '/api/v1/office/exams': {
    get: { parameters: Record<string, never>; responses: { 200: { content: { 'application/json': Exam[] } } } }
  }
}
