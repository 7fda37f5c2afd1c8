// Short names for what the server's description says.
import type { components } from './schema'

export type {
  Answer, CardKindName, ExamDetails, ImportPreview, ImportProblem, Inspect, Inspection, Inspections, Numbers, PhotoExport, Refusal, RosterImport,
  Search, SetExam,
} from './coming'

type Schemas = components['schemas']
export type Text = Schemas['Text']
export type Exam = Schemas['Exam']
export type Document = Schemas['Document']
export type SetText = Schemas['SetText']
export type Me = Schemas['Me']
export type SignedIn = Schemas['SignedIn']
export type Access = Schemas['Access']
export type Staff = Schemas['Staff']
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
