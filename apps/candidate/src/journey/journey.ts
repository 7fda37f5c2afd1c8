// One candidate's way through the pages: holds the situation, asks the server, keeps both in step.
import { Client, GivenUp, type Step } from '../api/client'
import { Problem, type NextTry } from '../api/problem'
import { SLOTS, type CodeSent, type Collection, type PictureKind, type Slot, type Text } from '../api/shapes'
import { follow, type Following } from '../platform/live'
import { drop, dropAll, keep, kept } from '../platform/outbox'
import { leaveStatusAddress, openedAtStatus } from '../platform/address'
import { deskTicket } from '../platform/desk'
import { onReturn, pause } from '../platform/pause'
import { bytesOf, forget, prepared, preview, type Picture } from '../platform/picture'
import { recall, remember } from '../platform/storage'
import { WATCHED } from './screens'
import { AT_FIRST, NO_UPLOADS, type Situation, type Upload } from './situation'

const TOKEN_KEY = 'zhaoyan.token'
const POLL_S = 3
const SLOW_POLL_S = 15
/** How often a stream may fail before anything came through, until the page only polls. */
const STREAM_TRIES = 3

const TOO_LARGE: Text = {
  zh: '图片太大，无法上传。请用手机相机重新拍一张，或选择较小的图片。',
  en: 'The picture is too large to upload. Please take it again with the phone’s camera, or choose a smaller one.',
}

/** Slots whose upload the server takes in a state. */
const TAKES: Partial<Record<Collection['state'], Slot[]>> = {
  card: ['portrait', 'emblem'],
  photo: ['photo'],
  review: ['photo'],
  consent: ['photo'],
  warned: ['photo'],
  inspection: ['photo'],
  refused: ['photo'],
}

export class Journey {
  private now: Situation = AT_FIRST
  private readonly listeners = new Set<() => void>()
  private readonly pictures = new Map<Slot, Picture>()
  private client = new Client(null, (next) => this.waiting(next))
  private sending: Promise<void> = Promise.resolve()
  private watching: { state: string; stop: () => void } | null = null
  /** What a registrar at the desk was given to begin with. */
  private ticket: string | null = null

  readonly current = (): Situation => this.now

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private set(change: Partial<Situation>): void {
    this.now = { ...this.now, ...change }
    this.listeners.forEach((listener) => listener())
  }

  private setUpload(slot: Slot, upload: Upload | null): void {
    this.set({ uploads: { ...this.now.uploads, [slot]: upload } })
  }

  private waiting(next: NextTry | null): void {
    if (next) this.set({ trouble: { because: next.because, until: Date.now() + next.afterS * 1000 } })
    else if (this.now.trouble) this.set({ trouble: null })
  }

  /** Begins with what is remembered. Called once, when the page opens. */
  start(): void {
    this.set({ looking: openedAtStatus() })
    this.ticket = deskTicket()
    // At the desk another candidate's session must not go on.
    if (this.ticket !== null) {
      this.useToken(null)
      this.set({ place: 'desk' })
      void dropAll()
    }
    const token = recall(TOKEN_KEY)
    if (token === null) this.set({ loaded: true })
    else this.useToken(token)
    onReturn(() => void this.refresh())
    void this.loadEntry()
    if (token !== null) void this.resume()
  }

  private useToken(token: string | null): void {
    remember(TOKEN_KEY, token)
    this.watching?.stop()
    this.watching = null
    this.client = new Client(
      token,
      (next) => this.waiting(next),
      () => this.now.token === token,
    )
    this.pictures.clear()
    this.set({ token, collection: null, uploads: NO_UPLOADS, notice: null, under_way: null, trouble: null })
  }

  private async loadEntry(): Promise<void> {
    for (;;) {
      try {
        this.set({ entry: await new Client(null, (next) => this.waiting(next)).entry() })
        return
      } catch {
        await pause(10, false)
      }
    }
  }

  private async resume(): Promise<void> {
    try {
      await this.look()
      for (const slot of this.taken()) {
        const picture = await kept(slot)
        if (picture !== null && this.taken().includes(slot)) this.upload(slot, picture)
      }
    } catch (trouble) {
      this.tell(trouble)
    } finally {
      this.set({ loaded: true })
    }
  }

  private taken(): Slot[] {
    return (this.now.collection && TAKES[this.now.collection.state]) ?? []
  }

  /** Takes the server's word on where the candidate stands, unless a newer one is known or the session has ended. */
  private take(collection: Collection, asked: Client): void {
    if (asked !== this.client) return
    if (this.now.collection && this.now.collection.version > collection.version) return
    const moved = this.now.collection !== null && this.now.collection.state !== collection.state
    this.set({ collection, loaded: true, ...(moved ? { notice: null } : {}) })
    this.watch()
  }

  private async look(): Promise<void> {
    const { client } = this
    this.take(await client.collection(), client)
  }

  /** Asks where the candidate stands. */
  async refresh(): Promise<void> {
    if (this.now.token === null || this.now.under_way) return
    try {
      await this.look()
    } catch (trouble) {
      this.tell(trouble)
    }
  }

  /** Sorts what went wrong: an ended session goes to the login, a moved collection is read anew, the rest is told. */
  private tell(trouble: unknown): void {
    if (trouble instanceof GivenUp) return
    if (!(trouble instanceof Problem)) throw trouble
    if (trouble.status === 401) {
      this.useToken(null)
      void dropAll()
      this.set({ place: 'login', notice: trouble.text, loaded: true })
      return
    }
    this.set({ notice: trouble.text })
    if (trouble.status === 409 || trouble.status === 410) {
      void this.look().then(
        () => this.set({ notice: trouble.code === 'changed_meanwhile' ? null : trouble.text }),
        () => undefined,
      )
    }
  }

  enter = (): void => this.set({ place: 'login', notice: null })
  leave = (): void => this.set({ place: 'home', notice: null })

  lookAtStatus = (): void => this.set({ looking: true })
  leaveStatus = (): void => {
    leaveStatusAddress()
    this.set({ looking: false })
  }

  /** Asks for a code. Throws the server's [`Problem`]. */
  sendCode = (phone: string): Promise<CodeSent> => {
    this.set({ notice: null })
    return this.client.sendCode(phone)
  }

  /** Throws the server's [`Problem`]. */
  login = async (phone: string, code: string): Promise<void> => {
    const { entry } = this.now
    if (!entry) return
    this.set({ notice: null })
    const answer = await this.client
      .login(phone, code, entry.agreement.version, entry.privacy.version)
      .catch((trouble: unknown) => {
        const outdated = trouble instanceof Problem && trouble.code === 'consent_missing'
        if (outdated) void this.loadEntry()
        throw trouble
      })
    await dropAll()
    this.useToken(answer.token)
    this.take(answer.collection, this.client)
  }

  /** Begins at the desk, once the candidate has agreed. Throws the server's [`Problem`]. */
  beginAtDesk = async (): Promise<void> => {
    const { entry } = this.now
    if (!entry || this.ticket === null) return
    this.set({ notice: null })
    const answer = await this.client
      .beginAtDesk(this.ticket, entry.agreement.version, entry.privacy.version)
      .catch((trouble: unknown) => {
        if (trouble instanceof Problem && trouble.code === 'consent_missing') void this.loadEntry()
        throw trouble
      })
    this.ticket = null
    this.set({ place: 'home' })
    this.useToken(answer.token)
    this.take(answer.collection, this.client)
  }

  logout = async (): Promise<void> => {
    const { client } = this
    this.useToken(null)
    this.set({ place: 'home' })
    await dropAll()
    await client.logout().catch(() => undefined)
  }

  /** Takes one step of the journey; the answer says where it led. */
  step = async (step: Step): Promise<void> => {
    await this.advance(step, (client) => client.step(step))
    if (step === 'retakePhoto' || step === 'retakeCard' || step === 'again') this.forgetUploads()
  }

  /** Sends what was typed for the name's glyphs that could not be read. Whether the server took it. */
  typeName = async (characters: string[]): Promise<boolean> => {
    const version = this.now.collection?.version
    await this.advance('typeName', (client) => client.typeName(characters))
    return this.now.notice === null && this.now.collection?.version !== version
  }

  /** 同意并提交 */
  verify = async (): Promise<void> => {
    const version = this.now.entry?.face_consent.version
    if (version !== undefined) await this.advance('verify', (client) => client.verify(version))
  }

  private async advance(step: Step | 'typeName' | 'verify', ask: (client: Client) => Promise<Collection>): Promise<void> {
    if (this.now.under_way) return
    const { client } = this
    this.set({ under_way: step, notice: null })
    try {
      this.take(await ask(client), client)
    } catch (trouble) {
      this.tell(trouble)
    } finally {
      if (this.now.under_way === step) this.set({ under_way: null })
    }
  }

  private forgetUploads(): void {
    for (const slot of SLOTS) this.abandon(slot)
  }

  /** Forgets a picture that was not taken. */
  abandon = (slot: Slot): void => {
    const upload = this.now.uploads[slot]
    if (upload) forget(upload.preview)
    this.pictures.delete(slot)
    void drop(slot)
    this.setUpload(slot, null)
  }

  /** Sends a picture, one after the other: two changes at once would only get in each other's way. */
  upload = (slot: Slot, picture: Picture): void => {
    this.abandon(slot)
    this.pictures.set(slot, picture)
    this.setUpload(slot, { phase: 'sending', progress: 0, preview: preview(picture), text: null, again: false })
    this.sending = this.sending.then(() => this.send(slot, picture))
  }

  /** Sends the same picture again. */
  resend = (slot: Slot): void => {
    const picture = this.pictures.get(slot)
    if (picture !== undefined) this.upload(slot, picture)
  }

  private async send(slot: Slot, picture: Picture): Promise<void> {
    const mine = () => this.pictures.get(slot) === picture
    const change = (change: Partial<Upload>) => {
      const upload = this.now.uploads[slot]
      if (mine() && upload) this.setUpload(slot, { ...upload, ...change })
    }
    if (!mine()) return
    const { client } = this
    await keep(slot, picture)
    const ready = await prepared(picture)
    const most = this.now.entry?.limits.picture_bytes
    if (most !== undefined && (await bytesOf(ready)) > most) {
      await drop(slot)
      change({ phase: 'failed', text: TOO_LARGE, again: false })
      return
    }
    for (let tried = 0; mine(); tried++) {
      try {
        const collection = await client.upload(
          slot,
          ready,
          (share) => change(share < 1 ? { phase: 'sending', progress: share } : { phase: 'judging', progress: 1 }),
          mine,
        )
        this.set({ revisions: { ...this.now.revisions, [slot]: this.now.revisions[slot] + 1 }, notice: null })
        if (mine()) this.abandon(slot)
        this.take(collection, client)
        return
      } catch (trouble) {
        if (!mine() || trouble instanceof GivenUp) return
        if (!(trouble instanceof Problem)) throw trouble
        if (trouble.code === 'changed_meanwhile' && tried < 3) continue
        if (trouble.status === 401 || trouble.status === 409 || trouble.status === 410) {
          this.abandon(slot)
          this.tell(trouble)
          return
        }
        const again = trouble.status >= 500 || trouble.status === 429
        if (!again) await drop(slot)
        change({ phase: 'failed', text: trouble.text, again })
        return
      }
    }
  }

  /** A stored picture as something an image can show; throws where there is none. */
  picture = (kind: PictureKind): Promise<string> => this.client.picture(kind)

  /** Follows the collection while something outside may move it. */
  private watch(): void {
    const { client } = this
    const { token, collection } = this.now
    const pace = collection ? WATCHED[collection.state] : undefined
    if (this.watching && this.watching.state !== collection?.state) {
      this.watching.stop()
      this.watching = null
    }
    if (this.watching || !pace || token === null || !collection) return
    let on = true
    let following: Following | null = null
    const { state } = collection
    this.watching = {
      state,
      stop: () => {
        on = false
        following?.stop()
      },
    }
    const run = async () => {
      let failed = 0
      while (on) {
        if (pace === 'live' && failed < STREAM_TRIES) {
          let heard = false
          following = follow(token, (now) => {
            heard = true
            if (on) this.take(now, client)
          })
          if (following) await following.ended.catch(() => undefined)
          failed = heard ? 0 : failed + 1
        }
        if (!on) return
        await pause(pace === 'live' ? POLL_S : SLOW_POLL_S, false)
        if (on) await this.refresh()
      }
    }
    void run()
  }
}
