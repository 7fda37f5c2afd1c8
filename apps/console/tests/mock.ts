// A stand-in for the server, for the page tests only: answers the office's API from memory and can be told what to answer.
import { createReadStream, existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import type { Access, AuditPage, AuditProof, AuditRow, CandidateRow, Exam, Finding, Particulars, Staff, Story, Text } from '../src/api/shapes'

const same = (zh: string, en: string): Text => ({ zh, en })

export const EXAMS: Exam[] = [
  {
    id: 'sample-2026', name: '2026 年成人高考（样本）', open: true, standard: 'chengkao', registrations: 1284,
    states: { card: 41, confirm: 3, blocked: 12, advisory: 2, photo: 87, review: 9, consent: 6, warned: 4, verifying: 11, refused: 17, completed: 655, failed: 5 },
  },
  { id: 'sample-2025', name: '2025 年成人高考（样本）', open: false, standard: 'chengkao', registrations: 0, states: {} },
]

const row = (n: number, state: string | null, name: string, level = '高起专'): CandidateRow => ({
  registration: `R${String(n).padStart(4, '0')}`,
  name,
  number: '110000********0015',
  phone: '139****0001',
  level,
  state,
  updated_at: state ? `2026-03-0${(n % 9) + 1}T0${n % 9}:30:15Z` : null,
})

const STATES = ['completed', 'failed', 'review', 'blocked', null, 'verifying', 'photo', 'refused', 'warned', 'card', 'advisory', 'consent']
const NAMES = ['样*', '阿***·样*', '李*', '王*样', '欧阳*']
const LEVELS = ['高起专', '高起本', '专升本']
export const ROWS: CandidateRow[] = Array.from({ length: 60 }, (_, n) =>
  row(n + 1, STATES[n % STATES.length] ?? null, NAMES[n % NAMES.length] ?? '', LEVELS[n % LEVELS.length]),
)

export const PLAIN: Particulars = {
  registration: { name: '样本甲', number: '110000199003070015', ethnicity: '汉族', address: '北京市样本区样本路 8 号', phone: '13900000001' },
  card: { name: '样本申', number: '110000199003070015', ethnicity: '汉族', address: '北京市样本区样本街道样本路 18 号院 3 号楼', phone: null },
}

const finding = (id: string, title: Text, outcome: string, measure: number | null, limit: string, message: Text): Finding => ({
  id, title, outcome, part: null, measure, limit, message,
})

const GOOD = same('符合要求。', 'Fine.')
const PHOTO: Finding[] = [
  finding('single_face', same('只有一张脸', 'One face'), 'pass', 1, '= 1', GOOD),
  finding('face_size', same('脸部大小', 'Size of the face'), 'pass', 231.4182, '180 – 300 px', GOOD),
  finding('head_pose', same('头部姿态', 'Head pose'), 'fail', 14.2271, '≤ 10°', same('头转向了一边。请把脸转正，鼻尖正对镜头。', 'The head is turned to one side. Turn the face straight, nose towards the camera.')),
  finding('eyes_open', same('眼睛睁开', 'Eyes open'), 'pass', 0.81, '≥ 0.35', GOOD),
  finding('glasses_glare', same('眼镜反光', 'Glare on glasses'), 'not_assessed', null, '', same('没有戴眼镜，未检测。', 'No glasses: not assessed.')),
  finding('illumination_even', same('光线均匀', 'Even light'), 'warn', 0.2311, '≤ 0.2', same('脸上一边亮一边暗。请面向窗户或灯站好。', 'One side of the face is darker. Face the window or the lamp.')),
  finding('background_uniform', same('背景均匀', 'Even background'), 'pass', 0.00312, '≤ 0.02', GOOD),
]
const SIDE: Finding[] = [
  finding('card_whole', same('证件完整', 'Whole card'), 'pass', 1, '= 1', GOOD),
  finding('card_sharp', same('清晰度', 'Sharpness'), 'pass', 0.7311, '≥ 0.4', GOOD),
]

export function storyOf(row: CandidateRow, version: number | null = 3): Story {
  const begun = row.state !== null && row.state !== 'card'
  const failed = row.state === 'failed'
  return {
    candidate: row,
    version,
    refused: failed ? 5 : begun ? 1 : 0,
    allowed: row.state === null ? 0 : 5,
    differs: row.state === 'blocked' || failed ? ['name', 'address'] : [],
    portrait_findings: begun ? SIDE : [],
    emblem_findings: begun ? SIDE : [],
    photo_findings: begun ? PHOTO : [],
    similarity: begun ? 83.27 : null,
    attempts: begun
      ? [
          { id: '0198c0de-0000-7000-8000-000000000001', status: 'refused', tries: 1, created_at: '2026-03-01T01:00:00Z', answered_at: '2026-03-01T01:00:04Z', code: null, similarity: 41.2 },
          { id: '0198c0de-0000-7000-8000-000000000002', status: 'running', tries: 3, created_at: '2026-03-01T02:00:00Z', answered_at: null, code: 'timed_out', similarity: null },
        ]
      : [],
    deliveries: begun ? [{ sequence: 1, status: 'delivered', tries: 1, created_at: '2026-03-01T02:00:05Z', done_at: '2026-03-01T02:00:06Z', code: null }] : [],
    consents: begun
      ? [
          { kind: 'agreement', version: '1', given_at: '2026-03-01T00:58:00Z' },
          { kind: 'privacy', version: '1', given_at: '2026-03-01T00:58:00Z' },
          { kind: 'face_comparison', version: '2', given_at: '2026-03-01T01:00:00Z' },
        ]
      : [],
    events: begun
      ? [
          { at: '2026-03-01T00:58:00Z', event: 'logged_in', actor: 'candidate', details: {} },
          { at: '2026-03-01T00:58:40Z', event: 'card_portrait_captured', actor: 'candidate', details: { state: 'card' } },
          { at: '2026-03-01T00:59:30Z', event: 'card_confirmed', actor: 'candidate', details: { state: 'photo' } },
          { at: '2026-03-01T00:59:50Z', event: 'registration_corrected', actor: 'li.ming', details: { fields: ['name', 'address'] } },
          { at: '2026-03-01T01:00:04Z', event: 'platform_refused', actor: 'worker', details: { state: 'refused' } },
        ]
      : [],
  }
}

export const STAFF: Staff[] = [
  { account: 'chen', role: 'administrator', active: true, locked: false, created_at: '2026-01-05T01:00:00Z' },
  { account: 'li.ming', role: 'registrar', active: true, locked: true, created_at: '2026-01-06T01:00:00Z' },
  { account: 'zhao_old', role: 'supervisor', active: false, locked: false, created_at: '2025-03-06T01:00:00Z' },
]

export const ACCESS: Access = {
  account: 'wang',
  password: 'Kq7-mRw2-xT9p',
  secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
  otpauth: 'otpauth://totp/Zhaoyan:wang?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Zhaoyan',
}

const AUDIT: AuditRow[] = Array.from({ length: 130 }, (_, at): AuditRow => {
  const kinds: Pick<AuditRow, 'deed' | 'subject' | 'details'>[] = [
    { deed: 'unmask', subject: 'sample-2026/R0002', details: {} },
    { deed: 'correct_registration', subject: 'sample-2026/R0002', details: { fields: ['name', 'address'], reason: '报名时姓名写错，已核对居民身份证' } },
    { deed: 'sign_in', subject: null, details: { outcome: 'wrong' } },
    { deed: 'change_staff', subject: 'li.ming', details: { role: 'registrar', active: true } },
    { deed: 'reopen', subject: 'sample-2026/R0014', details: { reason: '考生换了手机' } },
  ]
  const kind = kinds[at % kinds.length] as (typeof kinds)[number]
  return { number: 130 - at, at: '2026-03-01T02:00:06Z', actor: at % 2 ? 'chen' : 'li.ming', ...kind }
})

export const UNBROKEN: AuditProof = { unbroken: true, entries: 130, hash: '9f2c4be0c6a1d3571b20f88e6c02b7a4d95e13f7a8c06b2419d7e05f3c8ab146', problem: null }

interface Refusal {
  on: string
  status: number
  code: string
  message: Text
}

export interface Asked {
  line: string
  body: Record<string, unknown>
}

const CONTENT: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }

/** The server's own, and no stricter. */
const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; connect-src 'self'; font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const API = '/api/v1/office'

export class Mock {
  role = 'administrator'
  idle_s = 900
  /** Answers requests of which `METHOD path` begins so with these, first in first out. */
  refusals: Refusal[] = []
  asked: Asked[] = []
  rows = ROWS
  staff = STAFF
  exams = EXAMS
  proof = UNBROKEN
  version: number | null = 3
  private token = 'mock-token'
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
    Object.assign(this, { role: 'administrator', idle_s: 900, refusals: [], asked: [], rows: ROWS, staff: STAFF, exams: EXAMS, proof: UNBROKEN, version: 3, token: 'mock-token' })
  }

  /** Ends every session. */
  forget(): void {
    this.token = 'another'
  }

  bodyOf(line: string): Record<string, unknown> | undefined {
    return this.asked.filter((asked) => asked.line === line).at(-1)?.body
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://mock')
    if (!url.pathname.startsWith('/api/')) return this.page(url.pathname, response)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const sent = Buffer.concat(chunks).toString()
    const body = sent ? (JSON.parse(sent) as Record<string, unknown>) : {}
    const path = decodeURIComponent(url.pathname.slice(API.length))
    const line = `${request.method} ${path}`
    this.asked.push({ line: `${line}${url.search}`, body })
    const index = this.refusals.findIndex(({ on }) => line.startsWith(on))
    const refused = this.refusals.splice(index, index < 0 ? 0 : 1)[0]
    if (index >= 0 && refused) return this.refuse(response, refused)
    if (line === 'POST /sign-in') {
      if (body.password !== 'Rain-on-7-roofs' || body.code !== '123456') {
        return this.refuse(response, { on: '', status: 403, code: 'sign_in_wrong', message: same('账号、密码或动态码不正确。', 'Account, password or code is wrong.') })
      }
      this.token = 'mock-token'
      return this.json(response, { token: this.token, idle_s: this.idle_s, me: { account: String(body.account), role: this.role } })
    }
    if (request.headers.authorization !== `Bearer ${this.token}`) {
      return this.refuse(response, { on: '', status: 401, code: 'session_expired', message: same('登录已失效。', 'Your session has ended.') })
    }
    this.office(line, path, url, body, response)
  }

  private office(line: string, path: string, url: URL, body: Record<string, unknown>, response: ServerResponse): void {
    const candidate = /^\/exams\/([^/]+)\/candidates\/([^/]+)(?:\/(\w+))?$/.exec(path)
    if (line === 'GET /me') return this.json(response, { account: 'chen', role: this.role })
    if (line === 'GET /exams') return this.json(response, this.exams)
    if (line === 'GET /staff') return this.json(response, this.staff)
    if (line === 'POST /staff') {
      this.staff = [...this.staff, { account: String(body.account), role: String(body.role), active: true, locked: false, created_at: '2026-03-02T01:00:00Z' }]
      return this.json(response, { ...ACCESS, account: String(body.account) }, 201)
    }
    if (line.startsWith('POST /staff/')) return this.json(response, ACCESS)
    if (line.startsWith('PUT /staff/')) {
      const account = path.slice('/staff/'.length)
      this.staff = this.staff.map((one) => (one.account === account ? { ...one, role: String(body.role), active: body.active === true } : one))
      return this.json(response, null, 204)
    }
    if (line === 'GET /audit') return this.json(response, this.audit(url.searchParams))
    if (line === 'POST /audit/verify') return this.json(response, this.proof)
    if (path.endsWith('/candidates')) return this.json(response, this.find(path, body))
    if (!candidate) return this.json(response, null, 204)
    const [, , registration, deed] = candidate
    const row = this.rows.find((one) => one.registration === registration)
    if (!row) return this.refuse(response, { on: '', status: 404, code: 'not_found', message: same('没有找到。', 'Not found.') })
    if (!deed) return this.json(response, storyOf(row, this.version))
    if (deed === 'unmask') return this.json(response, PLAIN)
    if (deed === 'reopen') this.move(registration, 'photo')
    if (deed === 'complete') this.move(registration, 'completed')
    this.json(response, null, 204)
  }

  private move(registration: string | undefined, state: string): void {
    this.rows = this.rows.map((one) => (one.registration === registration ? { ...one, state } : one))
  }

  private find(path: string, body: Record<string, unknown>) {
    if (!path.includes('2026')) return { candidates: [], next: null }
    const { registration, number, phone, name, state, after } = body
    const found = this.rows.filter((row) =>
      registration ? row.registration === registration
      : number ? number === PLAIN.registration?.number && row.registration === 'R0002'
      : phone ? phone === PLAIN.registration?.phone && row.registration === 'R0002'
      : name ? name === PLAIN.registration?.name && row.registration === 'R0002'
      : state ? row.state === state
      : true,
    )
    const rest = typeof after === 'string' ? found.slice(found.findIndex((row) => row.registration === after) + 1) : found
    return { candidates: rest.slice(0, 50), next: rest.length > 50 ? rest[49]?.registration : null }
  }

  private audit(query: URLSearchParams): AuditPage {
    const before = Number(query.get('before') ?? Number.POSITIVE_INFINITY)
    const found = AUDIT.filter(
      (entry) =>
        entry.number < before &&
        (!query.get('actor') || entry.actor === query.get('actor')) &&
        (!query.get('deed') || entry.deed === query.get('deed')) &&
        (!query.get('subject') || entry.subject === query.get('subject')),
    )
    return { entries: found.slice(0, 100), next: found.length > 100 ? (found[99]?.number ?? null) : null }
  }

  private refuse(response: ServerResponse, { status, code, message }: Refusal): void {
    response.writeHead(status, { 'Content-Type': 'application/problem+json' })
    response.end(JSON.stringify({ type: 'about:blank', title: code, status, code, message, request_id: 'mock-1' }))
  }

  private json(response: ServerResponse, body: unknown, status = 200): void {
    response.writeHead(status, { 'Content-Type': 'application/json' })
    response.end(status === 204 ? undefined : JSON.stringify(body))
  }

  private page(path: string, response: ServerResponse): void {
    if (!path.startsWith('/console')) {
      response.writeHead(404)
      response.end()
      return
    }
    const wanted = join(this.pages, normalize(path.slice('/console'.length)))
    const file = extname(wanted) && existsSync(wanted) ? wanted : join(this.pages, 'index.html')
    response.writeHead(200, { 'Content-Type': CONTENT[extname(file)] ?? 'application/octet-stream', 'Content-Security-Policy': POLICY })
    createReadStream(file).pipe(response)
  }
}
