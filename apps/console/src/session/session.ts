// Who is signed in. Kept for this tab only, and gone with it.
import type { Me, SignedIn } from '../api/shapes'

const KEY = 'zhaoyan.console.session'

/** Why nobody is signed in any more: by choice, the server said so, nothing was done for too long, or the password was changed. */
export type Ending = 'signed_out' | 'ended' | 'idle' | 'password'

export interface Session {
  token: string
  idle_s: number
  me: Me
  /** When the server was last asked, in milliseconds. */
  touched_at: number
}

type Listener = () => void

export class SessionKeeper {
  private held: Session | null = null
  private why: Ending | null = null
  private readonly listeners = new Set<Listener>()

  constructor(private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined) {
    try {
      const text = storage?.getItem(KEY)
      if (text) this.held = JSON.parse(text) as Session
    } catch {
      this.held = null
    }
  }

  current = (): Session | null => this.held
  ending = (): Ending | null => this.why

  subscribe = (listener: Listener): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  begin(signedIn: SignedIn): void {
    this.why = null
    this.keep({ token: signedIn.token, idle_s: signedIn.idle_s, me: signedIn.me, touched_at: Date.now() })
    this.tell()
  }

  /** The server was asked: the session lives on. Tells nobody, for pages need not be drawn anew. */
  touch(): void {
    if (this.held) this.keep({ ...this.held, touched_at: Date.now() })
  }

  end(why: Ending): void {
    if (!this.held) return
    this.held = null
    this.why = why
    this.storage?.removeItem(KEY)
    this.tell()
  }

  /** The notice on the sign-in page was seen. */
  forget(): void {
    this.why = null
  }

  touchedAt(): number {
    return this.held?.touched_at ?? 0
  }

  private keep(session: Session): void {
    this.held = session
    this.storage?.setItem(KEY, JSON.stringify(session))
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
  }
}

export const session = new SessionKeeper(globalThis.sessionStorage)
