// The server's requests as functions; they ask again by themselves where asking again is right.
import { pause } from '../platform/pause'
import type { Picture } from '../platform/picture'
import { fetchPicture, send, upload, type Answer } from '../platform/transport'
import { ConnectionLost, nextTry, Problem, problemOf, type NextTry } from './problem'
import type { CodeSent, Collection, Entry, LoggedIn, PictureKind, Slot, Status } from './shapes'

/** Steps that carry no content of their own. */
export const STEPS = {
  handIn: 'card/hand-in',
  confirm: 'card/confirm',
  retakeCard: 'card/retake',
  again: 'card/again',
  seen: 'advisory/seen',
  submitPhoto: 'photo/submit',
  retakePhoto: 'photo/retake',
  allTheSame: 'verification/all-the-same',
} as const
export type Step = keyof typeof STEPS

const UPLOADS: Record<Slot, string> = { portrait: 'card/portrait', emblem: 'card/emblem', photo: 'photo' }

export const EVENTS_PATH = '/collection/events'

/** Told when a request has to wait, and with `null` when it got through. */
export type OnTrouble = (next: NextTry | null) => void

/** Thrown where the wait was given up because the session that asked has ended. */
export class GivenUp extends Error {}

function body<T>(answer: Answer): T {
  if (answer.status >= 200 && answer.status < 300) return answer.body as T
  throw problemOf(answer.status, answer.body, answer.retryAfter)
}

/** Asks until an answer comes that asking again would not change. */
export async function insist<T>(
  ask: () => Promise<T>,
  reading: boolean,
  onTrouble: OnTrouble,
  stillWanted: () => boolean,
): Promise<T> {
  for (let tried = 0; ; tried++) {
    try {
      const answer = await ask()
      onTrouble(null)
      return answer
    } catch (trouble) {
      if (!stillWanted()) {
        onTrouble(null)
        throw new GivenUp()
      }
      const next = nextTry(trouble, tried, reading)
      onTrouble(next)
      if (!next) throw trouble
      await pause(next.afterS, next.because === 'offline')
      if (!stillWanted()) {
        onTrouble(null)
        throw new GivenUp()
      }
    }
  }
}

/** What works; asked once, for that no answer comes is an answer here. */
export const askStatus = async (): Promise<Status> => body<Status>(await send('GET', '/status', null))

/** One client for one session (or none, before login). */
export class Client {
  constructor(
    readonly token: string | null,
    private readonly onTrouble: OnTrouble,
    private readonly stillWanted: () => boolean = () => true,
  ) {}

  private ask<T>(method: 'GET' | 'POST', path: string, content?: object): Promise<T> {
    return insist(
      async () => body<T>(await send(method, path, this.token, content)),
      method === 'GET',
      this.onTrouble,
      this.stillWanted,
    )
  }

  entry = () => this.ask<Entry>('GET', '/entry')
  sendCode = (phone: string) => this.ask<CodeSent>('POST', '/login/code', { phone })
  login = (phone: string, code: string, agreement_version: string, privacy_version: string) =>
    this.ask<LoggedIn>('POST', '/login', { phone, code, agreement_version, privacy_version })
  beginAtDesk = (ticket: string, agreement_version: string, privacy_version: string) =>
    this.ask<LoggedIn>('POST', '/login/desk', { ticket, agreement_version, privacy_version })
  collection = () => this.ask<Collection>('GET', '/collection')
  step = (step: Step) => this.ask<Collection>('POST', `/collection/${STEPS[step]}`)
  /** One character for each cell of the name that is typed, in their order. */
  typeName = (characters: string[]) => this.ask<Collection>('POST', '/collection/card/name', { characters })
  verify = (face_consent_version: string) =>
    this.ask<Collection>('POST', '/collection/verification', { face_consent_version })

  /** Ends the session; tried once, since the page forgets the token anyway. */
  logout = async () => {
    try {
      await send('POST', '/logout', this.token)
    } catch (trouble) {
      if (!(trouble instanceof ConnectionLost)) throw trouble
    }
  }

  /**
   * `onProgress` gets the share sent, 0 to 1; it starts anew when the upload is sent again, which it is only while
   * `wanted`.
   */
  upload = (slot: Slot, picture: Picture, onProgress: (share: number) => void, wanted: () => boolean) =>
    insist(
      async () => {
        try {
          return body<Collection>(await upload(`/collection/${UPLOADS[slot]}`, this.token, picture, onProgress))
        } catch (trouble) {
          onProgress(0)
          throw trouble
        }
      },
      false,
      this.onTrouble,
      () => this.stillWanted() && wanted(),
    )

  /** Something an image can show. */
  picture = (kind: PictureKind) =>
    insist(
      async () => {
        const got = await fetchPicture(`/collection/pictures/${kind}`, this.token)
        if (got.source === null) throw problemOf(got.status, null, null)
        return got.source
      },
      true,
      this.onTrouble,
      this.stillWanted,
    )
}

export { ConnectionLost, Problem }
