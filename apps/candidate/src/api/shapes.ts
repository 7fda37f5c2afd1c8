// The shapes of docs/http.md, as the server sends them.

export interface Text {
  zh: string
  en: string
}

export interface ExamSession {
  id: string
  name: string
}

/** 成招办: whom candidates ask. */
export interface Office {
  name: string
  phone: string
}

/** A text to which a candidate consents; `body` is plain, paragraphs parted by a blank line. */
export interface Document {
  version: string
  title: Text
  body: Text
}

export interface Entry {
  exam_session: ExamSession
  office: Office
  agreement: Document
  privacy: Document
  face_consent: Document
  standard: { id: string; name: Text; width: number; height: number }
  limits: { picture_bytes: number; picture_pixels: number }
  code: { length: number; lifetime_s: number; again_after_s: number }
}

/** The parts of the journey whose outages are told, in the journey's order. */
export const PARTS = ['login_messages', 'card_and_photo', 'verification', 'handing_on'] as const
export type PartState = 'working' | 'delayed' | 'out'

/** What works, and since when not. */
export type Status = { at: string } & Record<(typeof PARTS)[number], { state: PartState; since: string | null }>

export interface CodeSent {
  registered: boolean
  message: Text
  again_after_s: number
}

export interface LoggedIn {
  token: string
  expires_at: string
  collection: Collection
}

export const STATES = [
  'card',
  'confirm',
  'blocked',
  'advisory',
  'photo',
  'review',
  'consent',
  'warned',
  'inspection',
  'verifying',
  'refused',
  'completed',
  'failed',
] as const
export type State = (typeof STATES)[number]

export type Outcome = 'pass' | 'warn' | 'fail' | 'not_assessed'

export interface Finding {
  id: string
  title: Text
  outcome: Outcome
  part: string | null
  measure: number | null
  limit: string
  message: Text
  /** Where in the upright picture it shows; missing where it is about the whole of it. */
  spot?: Spot
  /** Its number among the photo's reasons that are told now, 1 the most important; missing for all others. */
  rank?: number
}

/** A rectangle, in shares of the picture's width and height. */
export interface Spot {
  left: number
  top: number
  width: number
  height: number
}

export interface CardSide {
  accepted: boolean
  findings: Finding[]
  picture: boolean
}

export interface CardRead {
  kind: 'resident_identity_card' | 'residence_permit' | 'permanent_residence_2017' | 'permanent_residence_2023'
  /** With □ for a glyph that could not be read. */
  name: string
  /** The name glyph by glyph; `character` is null where it is to be typed, `typed` is set where it can be. */
  name_cells: { character: string | null; typed: boolean }[]
  /** What the kind of card does not print is missing. */
  chinese_name?: string
  number: string
  ethnicity?: string
  nationality?: string
  address?: string
  name_doubtful: boolean
}

export type Item = 'name' | 'number' | 'ethnicity' | 'address'

export interface Discrepancy {
  item: Item
  weight: 'blocking' | 'advisory'
  card: string
  registration: string
}

export interface Photo {
  accepted: boolean
  findings: Finding[]
  advice: Text[]
  /** How many further things there are to change once the told ones are mended. */
  more: number
  made: boolean
}

export interface Collection {
  version: number
  state: State
  exam_session: ExamSession
  office: Office
  level: '高起专' | '高起本' | '专升本'
  card: { portrait: CardSide | null; emblem: CardSide | null; read: CardRead | null }
  discrepancies: Discrepancy[]
  corrected: boolean
  photo: Photo | null
  attempts: { allowed: number; used: number; left: number }
  /** In state `warned`: the photo looks unlike the card's picture. */
  comparison: null | { card_face: boolean; message: Text }
  verification: null | {
    status: 'inspection' | 'not_passed' | 'waiting' | 'delayed' | 'photo_unusable' | 'cannot_verify'
    message: Text
  }
  completed: null | { by: 'platform' | 'desk'; at: string; overwrites: Item[]; prior_degree_check: boolean }
  message: Text
}

/** What can be uploaded: the two sides of the card, and the photo. */
export const SLOTS = ['portrait', 'emblem', 'photo'] as const
export type Slot = (typeof SLOTS)[number]

/** Stored pictures that a session can fetch. */
export type PictureKind = 'card_portrait' | 'card_emblem' | 'card_face' | 'capture' | 'preview' | 'photo'
