// A stand-in for the server, for the page tests only: speaks docs/http.md from memory and can be told what to answer.
import { createReadStream, existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'
import type { AddressInfo } from 'node:net'
import type { CardRead, CardSide, Collection, Entry, Finding, Photo, Status, Text } from '../src/api/shapes'

const same = (zh: string, en: string): Text => ({ zh, en })

const office = { name: '样本市成人招生办公室', phone: '010-12345678' }
const exam_session = { id: 'sample', name: '2025 年成人高考（样本）' }

export const entry: Entry = {
  exam_session,
  office,
  agreement: {
    version: '1',
    title: same('用户协议', 'User Agreement'),
    body: same(
      '本系统由考试机构提供，用于采集考生照片并核验身份。\n\n请使用本人的居民身份证和本人的照片。冒用他人身份须承担相应责任。\n\n采集过程中可以随时退出，再次登录后接着办理。',
      'This system is provided by the exam authority to collect your photo and verify your identity.\n\nUse your own card and your own photo.\n\nYou may leave at any time and go on later.',
    ),
  },
  privacy: {
    version: '1',
    title: same('隐私协议', 'Privacy Notice'),
    body: same(
      '我们处理您的手机号、身份证信息和照片，仅用于本次考试的报名信息核对与身份核验。\n\n信息加密保存，期满删除。',
      'We process your phone number, card and photo only for this exam.\n\nThey are stored encrypted and deleted in time.',
    ),
  },
  face_consent: {
    version: '1',
    title: same('人脸比对单独同意书', 'Consent to the face comparison'),
    body: same(
      '为核验是您本人，系统将把您的姓名、身份证号码和证件照发送给“互联网+”可信身份认证平台，由该平台进行人脸比对，并把结果告诉我们。\n\n比对只用于本次考试的身份核验。平台不会把您的其他信息告诉我们。\n\n您可以不同意。不同意时，请联系成招办，由工作人员当面核验，效果相同。',
      'To verify that it is you, the system sends your name, identity number and ID photo to the national identity platform, which compares your face and tells us the result.\n\nThe comparison serves this exam only.\n\nYou may decline and be verified in person at the office instead.',
    ),
  },
  standard: { id: 'chengkao', name: same('成人高考', 'Adult college entrance exam'), width: 480, height: 640 },
  limits: { picture_bytes: 20 * 1024 * 1024, picture_pixels: 50_000_000 },
  code: { length: 6, lifetime_s: 300, again_after_s: 60 },
}

const finding = (id: string, outcome: Finding['outcome'], zh: string, en: string): Finding => ({
  id,
  title: same(id, id),
  outcome,
  part: null,
  measure: 1,
  limit: '',
  message: same(zh, en),
})

export const REASONS = [
  finding('eyes_open', 'fail', '眼睛没有睁开。请自然睁大双眼再拍。', 'The eyes are not open. Open both eyes naturally.'),
  finding(
    'illumination_even',
    'fail',
    '脸上一边亮一边暗。请面向窗户或灯站好，不要让光从侧面照过来。',
    'One side of the face is darker. Face the window or lamp; avoid light from the side.',
  ),
  finding('sharpness', 'pass', '清晰度：符合要求。', 'Sharpness: fine.'),
]

/** A refused photo: five things to change, of which three are told, two of those with a place; and one that is explained by another. */
export const refusedPhoto: Photo = {
  accepted: false,
  findings: [
    {
      ...finding('head_pose', 'fail', '头转向了一边。请把脸转正，鼻尖正对镜头。', 'The head is turned to one side. Turn the face straight, nose towards the camera.'),
      spot: { left: 0.28, top: 0.2, width: 0.44, height: 0.46 },
      rank: 1,
    },
    finding('face_size', 'fail', '脸在照片里太窄。', 'The face is too narrow.'),
    {
      ...finding('sharpness', 'fail', '照片模糊。请擦干净镜头，在屏幕上点一下脸，拿稳手机再拍。', 'The picture is blurred. Wipe the lens, tap the face on the screen, and hold the phone still.'),
      rank: 2,
    },
    {
      ...finding('ears_visible', 'fail', '耳朵被挡住了。请把两边的头发都拨到耳后，露出双耳。', 'An ear is covered. Put the hair behind both ears so that they show.'),
      spot: { left: 0.685, top: 0.4, width: 0.04, height: 0.1 },
      rank: 3,
    },
    REASONS[0] as Finding,
    finding('mouth_closed', 'fail', '嘴巴张开了。请自然闭上嘴，不要露出牙齿。', 'The mouth is open. Close it naturally, without showing teeth.'),
    finding('noise', 'warn', '光线太暗。', 'It was too dark.'),
  ],
  advice: [],
  more: 2,
  made: false,
}

export const fresh = (): Collection => ({
  version: 1,
  state: 'card',
  exam_session,
  office,
  level: '高起专',
  card: { portrait: null, emblem: null, read: null },
  discrepancies: [],
  corrected: false,
  photo: null,
  attempts: { allowed: 5, used: 0, left: 5 },
  comparison: null,
  verification: null,
  completed: null,
  message: same('请上传身份证。', 'Upload your card.'),
})

/** A name of which one glyph could not be read. */
export const unread = {
  name: '样□本',
  name_cells: [
    { character: '样', typed: false },
    { character: null, typed: true },
    { character: '本', typed: false },
  ],
  name_doubtful: true,
}

export const accepted: CardSide = { accepted: true, findings: [], picture: true }
export const read: CardRead = {
  kind: 'resident_identity_card',
  name: '阿卜杜拉·样本',
  name_cells: [...'阿卜杜拉·样本'].map((character) => ({ character, typed: false })) as CardRead['name_cells'],
  number: '110000199003070015',
  ethnicity: '维吾尔族',
  address: '北京市样本区样本街道样本路 18 号院 3 号楼 2 单元 1201 室',
  name_doubtful: false,
}

interface Refusal {
  status: number
  /** Only requests whose `METHOD path` begins so are refused. */
  on?: string
  code: string
  message: Text
  retry_after_s?: number
  tries_left?: number
}

const refusal = (status: number, code: string, zh: string, en: string): Refusal => ({
  status,
  code,
  message: same(zh, en),
})

const CONTENT: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

/** Stricter than the server's own: what passes here passes there. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob:; connect-src 'self'; media-src blob:; font-src data:; base-uri 'none'; form-action 'none'"

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** A portrait of nobody, so that pictures have something to show. */
export const SAMPLE =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 640" width="480" height="640"><path d="M0 0h480v640H0z" fill="#64c5ff"/><path d="M40 640c5-130 60-160 200-170 140 10 195 40 200 170z" fill="#2f4a6d"/><path d="M200 380h80v90c0 30-80 30-80 0z" fill="#dba97f"/><ellipse cx="240" cy="280" rx="105" ry="140" fill="#efc9a4"/><path d="M130 280c-16-130 40-190 110-190s126 60 110 190c-10-50-30-80-50-100-50 20-90 20-120 10-25 15-42 40-50 90z" fill="#2b2a2e"/></svg>'

/** Another portrait of nobody, of the size that is cut from a card. */
export const ANOTHER =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 435 529" width="435" height="529"><path d="M0 0h435v529H0z" fill="#f4f4f2"/><path d="M30 529c5-90 60-120 187-130 127 10 182 40 187 130z" fill="#4b4b52"/><ellipse cx="217" cy="250" rx="92" ry="122" fill="#d9a77c"/><path d="M120 250c-30-180 224-180 194 0l26 150h-50l-6-160c-40 10-100 0-134-40-10 20-16 50-12 80l-10 120h-40z" fill="#6b4a2f"/></svg>'

/** What the server says of a photo that looks unlike the card's picture. */
export const UNLIKE = same(
  '这张照片与身份证上的照片看起来不像同一个人，提交后很可能核验不通过。请确认上传的是本人近照；确实是本人的，可以仍然提交。',
  'This photo and the picture on your identity card do not look like one person; the verification would probably refuse it. If the photo is a recent one of yourself, you may submit it all the same.',
)

export const allWorks = (): Status => {
  const works = { state: 'working' as const, since: null }
  return { at: '2026-12-03T02:00:00Z', login_messages: works, card_and_photo: works, verification: works, handing_on: works }
}

export class Mock {
  collection = fresh()
  /** Answers the next requests with these refusals, first in first out. */
  refusals: Refusal[] = []
  /** Cuts the connection of the next so many requests. */
  cut = 0
  cutOn = 'POST'
  /** Kept waiting, in milliseconds. */
  slow = 0
  /** Requests that arrived, as `METHOD path`. */
  log: string[] = []
  registered = true
  streams = true
  /** The photo looks unlike the card's picture. */
  unlike = false
  /** What works; `null`: nobody answers. */
  status: Status | null = allWorks()
  private readonly token = 'mock-token'
  private readonly followers = new Set<ServerResponse>()
  private server: Server | null = null

  constructor(private readonly pages: string) {}

  async start(port = 0): Promise<string> {
    const server = createServer((request, response) => void this.answer(request, response))
    this.server = server
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  stop(): void {
    this.server?.closeAllConnections()
    this.server?.close()
  }

  reset(): void {
    this.collection = fresh()
    this.refusals = []
    this.cut = 0
    this.slow = 0
    this.log = []
    this.registered = true
    this.streams = true
    this.unlike = false
    this.status = allWorks()
  }

  /** The world outside moves the collection. */
  move(change: Partial<Collection>): void {
    this.collection = { ...this.collection, ...change, version: this.collection.version + 1 }
    for (const follower of this.followers) this.tell(follower)
  }

  private tell(follower: ServerResponse): void {
    follower.write(`event: collection\ndata: ${JSON.stringify(this.collection)}\n\n`)
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://mock').pathname
    if (!path.startsWith('/api/v1')) return this.page(path, response)
    this.log.push(`${request.method} ${path.slice(7)}${request.url?.includes('?') ? '?' : ''}`)
    const line = `${request.method} ${path.slice(7)}`
    if (line === 'GET /status') {
      if (this.status) this.json(response, this.status)
      else request.socket.destroy()
      return
    }
    if (this.cut > 0 && line.startsWith(this.cutOn)) {
      this.cut -= 1
      request.socket.destroy()
      return
    }
    const sent = await bytesOf(request)
    if (this.slow > 0) await new Promise((resolve) => setTimeout(resolve, this.slow))
    const index = this.refusals.findIndex((one) => line.startsWith(one.on ?? 'POST'))
    const refused = index < 0 ? undefined : this.refusals.splice(index, 1)[0]
    if (refused) return this.refuse(response, refused)
    const path1 = path.slice(7)
    if (path1 === '/entry') return this.json(response, entry)
    if (path1 === '/login/code')
      return this.json(
        response,
        {
          registered: this.registered,
          message: this.registered
            ? same('验证码已发送，五分钟内有效。', 'The code has been sent. It is good for five minutes.')
            : same(
                '报名信息里没有这个手机号。请核对号码；如需更正，请联系成招办。',
                'No registration holds this number. Check it, or ask the admissions office.',
              ),
          again_after_s: 60,
        },
        202,
      )
    if (path1 === '/login/desk')
      return this.json(response, { token: this.token, expires_at: '2099-01-01T00:00:00Z', collection: this.collection })
    if (path1 === '/login') {
      const { code } = JSON.parse(sent.toString()) as { code: string }
      if (code !== '123456')
        return this.refuse(response, {
          ...refusal(403, 'code_wrong', '验证码不正确，请核对短信后重新填写。', 'The code is wrong.'),
          tries_left: 4,
        })
      return this.json(response, { token: this.token, expires_at: '2099-01-01T00:00:00Z', collection: this.collection })
    }
    if (request.headers.authorization !== `Bearer ${this.token}`)
      return this.refuse(response, refusal(401, 'session_expired', '登录已过期，请重新登录。', 'Please log in again.'))
    if (path1 === '/logout') return this.json(response, null, 204)
    if (path1 === '/collection/events' && !this.streams)
      return this.refuse(response, refusal(502, 'none', '没有', 'none'))
    if (path1 === '/collection/events') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      this.followers.add(response)
      response.on('close', () => this.followers.delete(response))
      return this.tell(response)
    }
    if (path1.startsWith('/collection/pictures/')) {
      response.writeHead(200, { 'Content-Type': 'image/svg+xml' })
      response.end(path1.endsWith('card_face') ? ANOTHER : SAMPLE)
      return
    }
    if (path1 === '/collection/card/name') this.typed((JSON.parse(sent.toString()) as { characters: string[] }).characters)
    else if (request.method === 'POST') this.step(path1.slice('/collection/'.length))
    this.json(response, this.collection)
  }

  private step(step: string): void {
    const { card, state } = this.collection
    if (step === 'card/portrait') this.move({ card: { ...card, portrait: accepted } })
    if (step === 'card/emblem') this.move({ card: { ...card, emblem: accepted } })
    if (step === 'card/hand-in') this.move({ state: 'confirm', card: { ...card, read } })
    if (step === 'card/confirm') this.move({ state: 'photo' })
    if (step === 'card/retake' || step === 'card/again')
      this.move({ state: 'card', corrected: false, discrepancies: [], card: { portrait: null, emblem: null, read: null } })
    if (step === 'advisory/seen') this.move({ state: 'photo' })
    if (step === 'photo') this.move({ state: 'review', photo: { accepted: true, findings: [], advice: [], more: 0, made: true } })
    if (step === 'photo/submit') this.move({ state: 'consent' })
    if (step === 'photo/retake') this.move({ state: 'photo', photo: null, comparison: null })
    if (step === 'verification' && state === 'consent' && this.unlike)
      this.move({ state: 'warned', comparison: { card_face: true, message: UNLIKE } })
    if (
      (step === 'verification' && state === 'consent' && !this.unlike) ||
      (step === 'verification/all-the-same' && state === 'warned')
    )
      this.move({
        state: 'verifying',
        comparison: null,
        verification: { status: 'waiting', message: same('正在等待核验结果。', 'Waiting for the result.') },
      })
  }

  private typed(characters: string[]): void {
    const { card } = this.collection
    if (!card.read) return
    const left = [...characters]
    const name_cells = card.read.name_cells.map((cell) => (cell.typed ? { ...cell, character: left.shift() ?? null } : cell))
    const name = name_cells.map((cell) => cell.character ?? '□').join('')
    this.move({ state: 'confirm', discrepancies: [], card: { ...card, read: { ...card.read, name, name_cells, name_doubtful: false } } })
  }

  private refuse(response: ServerResponse, refused: Refusal): void {
    const headers: Record<string, string> = { 'Content-Type': 'application/problem+json' }
    if (refused.retry_after_s !== undefined) headers['Retry-After'] = String(refused.retry_after_s)
    response.writeHead(refused.status, headers)
    response.end(JSON.stringify({ type: 'about:blank', title: refused.code, request_id: 'mock', ...refused }))
  }

  private json(response: ServerResponse, body: unknown, status = 200): void {
    response.writeHead(status, { 'Content-Type': 'application/json' })
    response.end(status === 204 ? undefined : JSON.stringify(body))
  }

  private page(path: string, response: ServerResponse): void {
    const wanted = join(this.pages, normalize(path))
    const file = path !== '/' && existsSync(wanted) ? wanted : join(this.pages, 'index.html')
    response.writeHead(200, {
      'Content-Type': CONTENT[extname(file)] ?? 'application/octet-stream',
      'Content-Security-Policy': POLICY,
    })
    createReadStream(file).pipe(response)
  }
}
