// A stand-in for the server, for the page tests only: answers the office's API from memory and can be told what to answer.
import { createReadStream, existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import type {
  Access, AuditPage, AuditProof, AuditRow, CandidateRow, Exam, ExamDetails, Finding, WaitingPhoto, Numbers, Particulars, PhotoExport, RosterImport, Staff,
  Story, Text,
} from '../src/api/shapes'

const same = (zh: string, en: string): Text => ({ zh, en })

export const EXAMS: Exam[] = [
  {
    id: 'sample-2026', name: '2026 年成人高考（样本）', open: true, standard: 'chengkao', registrations: 1284,
    states: { card: 41, confirm: 3, blocked: 12, advisory: 2, photo: 87, review: 9, consent: 6, warned: 4, inspection: 4, verifying: 11, refused: 17, completed: 655, failed: 5 },
  },
  { id: 'sample-2025', name: '2025 年成人高考（样本）', open: false, standard: 'chengkao', registrations: 0, states: {} },
]

const document = (title: Text, version: string) => ({
  version,
  title,
  body: same('样本成招办（电话 000-12345678）只为采集照片处理您的信息。\n\n您可以随时撤回同意。', 'The sample office (phone 000-12345678) uses your data to collect the photo.\n\nYou may withdraw at any time.'),
})

export const DETAILS: ExamDetails = {
  id: 'sample-2026', name: '2026 年成人高考（样本）', open: true, standard: 'chengkao', attempts_allowed: 5, closes_at: '2026-09-30T10:00:00Z',
  cards: ['resident_identity_card', 'residence_permit'],
  card_kinds: [
    { id: 'resident_identity_card', name: same('居民身份证', 'resident identity card') },
    { id: 'residence_permit', name: same('港澳台居民居住证', 'residence permit for Hong Kong, Macao or Taiwan residents') },
    { id: 'permanent_residence_2017', name: same('外国人永久居留身份证（2017版）', 'permanent residence card (2017)') },
    { id: 'permanent_residence_2023', name: same('外国人永久居留身份证（2023版）', 'permanent residence card (2023)') },
  ],
  inspection: 'warned', two_eyes: true, office: { name: '样本成招办', phone: '000-12345678' },
  agreement: document(same('用户协议', 'User agreement'), '1'),
  privacy: document(same('隐私协议', 'Privacy notice'), '1'),
  face_consent: document(same('人脸比对单独同意书', 'Consent to the face comparison'), '2'),
  standards: [
    { id: 'chengkao', name: same('成人高考报名照片', 'Adult college entrance exam') },
    { id: 'one-inch', name: same('一寸照', 'One-inch photo') },
  ],
}

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

const finding = (id: string, title: Text, outcome: string, measure: number | null, limit: string, message: Text, spot: Finding['spot'] = null): Finding => ({
  id, title, outcome, part: null, measure, limit, message, spot,
})

const GOOD = same('符合要求。', 'Fine.')
const PHOTO: Finding[] = [
  finding('single_face', same('只有一张脸', 'One face'), 'pass', 1, '= 1', GOOD),
  finding('face_size', same('脸部大小', 'Size of the face'), 'pass', 231.4182, '180 – 300 px', GOOD),
  finding('head_pose', same('头部姿态', 'Head pose'), 'fail', 14.2271, '≤ 10°', same('头转向了一边。请把脸转正，鼻尖正对镜头。', 'The head is turned to one side. Turn the face straight, nose towards the camera.'), { left: 0.3, top: 0.2, width: 0.4, height: 0.44 }),
  finding('eyes_open', same('眼睛睁开', 'Eyes open'), 'pass', 0.81, '≥ 0.35', GOOD, { left: 0.36, top: 0.36, width: 0.28, height: 0.07 }),
  finding('glasses_glare', same('眼镜反光', 'Glare on glasses'), 'not_assessed', null, '', same('没有戴眼镜，未检测。', 'No glasses: not assessed.')),
  finding('illumination_even', same('光线均匀', 'Even light'), 'warn', 0.2311, '≤ 0.2', same('脸上一边亮一边暗。请面向窗户或灯站好。', 'One side of the face is darker. Face the window or the lamp.'), { left: 0.52, top: 0.34, width: 0.17, height: 0.2 }),
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

const waits = (n: number, findings: Finding[], more: Partial<WaitingPhoto> = {}): WaitingPhoto => ({
  registration: `R01${String(n).padStart(2, '0')}`, name: NAMES[n % NAMES.length] ?? '', level: LEVELS[n % LEVELS.length] ?? '', number: '110000********0015', phone: '139****0001', since: '2026-03-01T02:00:00Z',
  findings, similarity: 61.34 + n, passed_by: [], mine: false, ...more,
})
const WARNED = PHOTO.filter(({ outcome }) => outcome === 'warn')
const NOISE = finding('noise', same('噪点少', 'Little noise'), 'warn', 4.2, '≤ 4', same('照片噪点较多。', 'The photo is noisy.'))
export const WAITING: WaitingPhoto[] = [
  waits(1, WARNED),
  waits(2, [...WARNED, NOISE], { passed_by: ['li.ming'] }),
  waits(3, [], { similarity: null }),
  waits(4, WARNED, { passed_by: ['chen'], mine: true }),
]

const IMPORT: RosterImport = {
  id: 'import-1', file: '名册.xlsx', dry_run: true, existing: 'update', actor: 'chen', state: 'done', started_at: '2026-03-01T01:00:00Z', finished_at: '2026-03-01T01:00:20Z',
  rows: 1300, added: 1100, changed: 60, unchanged: 20, kept: 0, refused: 120,
  problems: Array.from({ length: 120 }, (_, at) =>
    at % 2
      ? { row: at + 2, column: '手机号码', message: same('手机号码须为 11 位数字。', 'A phone number has 11 digits.') }
      : { row: at + 2, column: '身份证号码', message: same('=身份证号码的校验位不对。', '=The check digit is wrong.') },
  ),
  preview: ROWS.slice(0, 10).map(({ registration, name, number, phone, level }, at) => ({ row: at + 2, registration, name, number, phone, level })),
  failure: null,
}
const BROKEN: RosterImport = { ...IMPORT, id: 'import-0', file: '旧名册.csv', dry_run: false, state: 'broken_off', finished_at: null, problems: [], preview: [], refused: 0 }
const FAILED: RosterImport = {
  ...IMPORT, id: 'import-f', file: '照片.csv', state: 'failed', rows: 0, added: 0, changed: 0, unchanged: 0, refused: 0, problems: [], preview: [],
  failure: same('文件中没有“报名号”这一列。', 'The file has no column for the registration key.'),
}

const PHOTOS: PhotoExport[] = [
  { id: 'export-2', actor: 'chen', since: '2026-03-01T02:00:00Z', started_at: '2026-03-02T02:00:00Z', finished_at: null, photos: 41, missing: 0, remaining: 0, bytes: 1_310_000 },
  { id: 'export-1', actor: 'li.ming', since: null, started_at: '2026-03-01T02:00:00Z', finished_at: '2026-03-01T02:04:00Z', photos: 65_000, missing: 3, remaining: 211, bytes: 2_080_000_000 },
]

const wave = (hour: number, most: number) => Math.max(0, Math.round(most * Math.sin(((hour % 24) - 6) / 16 * Math.PI)))
export const NUMBERS: Numbers = {
  at: '2026-03-08T02:00:00Z', registrations: 1284, states: EXAMS[0]?.states ?? {},
  steps: { logged_in: 856, card: 812, confirmed: 790, photo: 731, consented: 700, verified: 655, completed: 655, at_desk: 12 },
  first_tries: { card_portrait: { tried: 850, well: 702 }, card_emblem: { tried: 840, well: 801 }, photo: { tried: 780, well: 433 }, platform: { tried: 690, well: 688 } },
  refusals: [
    { capture: 'photo', check: 'head_pose', title: same('头部端正', 'head straight'), count: 210 },
    { capture: 'photo', check: 'illumination_even', title: same('面部光线均匀', 'even light on the face'), count: 148 },
    { capture: 'card_portrait', check: 'card_glare', title: same('证件无反光', 'no glare on the card'), count: 97 },
    { capture: 'card_emblem', check: 'card_sharp', title: same('证件清晰', 'card in focus'), count: 31 },
  ],
  answers: [
    { outcome: 'confirmed', code: null, count: 655, median_ms: 640, p95_ms: 2_300 },
    { outcome: 'refused', code: 'not_the_same', count: 22, median_ms: 700, p95_ms: 12_000 },
  ],
  attempts_waiting: { count: 11, since: '2026-03-08T01:58:00Z' }, deliveries_waiting: { count: 0, since: null },
  messages: { sent: 1900, waiting: 2, dropped: { expired: 14 } },
  hours: Array.from({ length: 168 }, (_, hour) => ({
    at: new Date(Date.UTC(2026, 2, 1, hour)).toISOString(), logins: wave(hour, 40), cards: wave(hour, 60), photos: wave(hour, 48), completed: wave(hour, 22),
  })).filter(({ logins }) => logins > 0),
  days: ['2026-02-26', '2026-02-27', '2026-02-28', '2026-03-01', '2026-03-02', '2026-03-04', '2026-03-05', '2026-03-06', '2026-03-07'].map((day, n) => ({ day, completed: 20 + n * 13 })),
  forecast: {
    left: 629, days: 7, per_day: { slow: 40.3, likely: 81.2, fast: 111 }, done: { slow: null, likely: '2026-03-16', fast: '2026-03-14' },
    deadline: '2026-03-12T10:00:00Z', left_at_deadline: { slow: 468, likely: 304, fast: 185 },
  },
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

/** A drawn person, or a drawn card, as the server would send a photographed one. */
export function pictureOf(kind: string): string {
  const head = '<ellipse cx="240" cy="620" rx="190" ry="170" fill="#27364d"/><ellipse cx="240" cy="270" rx="96" ry="128" fill="#e6b991"/><path d="M140 262c0-190 200-190 200 0-22-70-52-92-100-92s-80 22-100 92z" fill="#2a2320"/><circle cx="204" cy="262" r="9" fill="#2a2320"/><circle cx="276" cy="262" r="9" fill="#2a2320"/><path d="M212 338q28 16 56 0" stroke="#9a4b3c" stroke-width="7" fill="none"/>'
  const person = (ground: string) => `<svg xmlns="http://www.w3.org/2000/svg" width="480" height="640" viewBox="0 0 480 640"><rect width="480" height="640" fill="${ground}"/>${head}</svg>`
  if (kind === 'photo') return person('#64c5ff')
  if (kind === 'capture' || kind === 'preview') return person('#cfd3cb')
  if (kind === 'card_face') return person('#f4f4f0').replace('width="480" height="640"', 'width="180" height="240"')
  const words = kind === 'card_emblem' ? '国徽面 样本 SPECIMEN' : '人像面 样本 SPECIMEN'
  return `<svg xmlns="http://www.w3.org/2000/svg" width="856" height="540" viewBox="0 0 856 540"><rect width="856" height="540" rx="30" fill="#e3edf1"/><text x="60" y="280" font-size="52" fill="#456">${words}</text></svg>`
}

interface Refusal {
  on: string
  status: number
  code: string
  message: Text
}

export interface Asked {
  line: string
  authorization: string | undefined
  body: Record<string, unknown>
}

const NOT_FOUND: Refusal = { on: '', status: 404, code: 'not_found', message: same('没有找到。', 'Not found.') }
const NO_PICTURE: Refusal = { on: '', status: 404, code: 'no_picture', message: same('没有这张照片。', 'There is no such picture.') }

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
  details: Record<string, ExamDetails> = {}
  waiting: WaitingPhoto[] = []
  imports: RosterImport[] = []
  /** How often an import that has begun is still running when it is looked at. */
  running = 0
  proof = UNBROKEN
  version: number | null = 3
  /** The name of the file that was sent last. */
  private file = ''
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
    Object.assign(this, { role: 'administrator', idle_s: 900, refusals: [], asked: [], rows: ROWS, staff: STAFF, exams: EXAMS, details: { [DETAILS.id]: DETAILS }, waiting: WAITING, imports: [BROKEN], running: 1, held: {}, proof: UNBROKEN, version: 3, token: 'mock-token' })
  }

  /** Ends every session. */
  forget(): void {
    this.token = 'another'
  }

  bodyOf(line: string): Record<string, unknown> | undefined {
    return this.asked.filter((asked) => asked.line === line).at(-1)?.body
  }

  /** Answers a request whose path ends so only once this is settled. */
  held: Record<string, Promise<void>> = {}

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://mock')
    if (!url.pathname.startsWith('/api/')) return this.page(url.pathname, response)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const sent = Buffer.concat(chunks).toString()
    this.file = /filename="([^"]*)"/.exec(sent)?.[1] ?? this.file
    const json = request.headers['content-type']?.startsWith('application/json')
    const body = sent && json ? (JSON.parse(sent) as Record<string, unknown>) : {}
    const path = decodeURIComponent(url.pathname.slice(API.length))
    const line = `${request.method} ${path}`
    this.asked.push({ line: `${line}${url.search}`, authorization: request.headers.authorization, body })
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
    if (path.startsWith('/downloads/')) {
      response.writeHead(200, { 'Content-Type': 'text/csv', 'Content-Disposition': 'attachment; filename="roster.csv"' })
      response.end('registration\r\n')
      return
    }
    if (request.headers.authorization !== `Bearer ${this.token}`) {
      return this.refuse(response, { on: '', status: 401, code: 'session_expired', message: same('登录已失效。', 'Your session has ended.') })
    }
    await this.held[path.slice(path.lastIndexOf('/'))]
    this.office(line, path, url, body, response)
  }

  private office(line: string, path: string, url: URL, body: Record<string, unknown>, response: ServerResponse): void {
    const candidate = /^\/exams\/([^/]+)\/candidates\/([^/]+)(?:\/([\w-]+)(?:\/(\w+))?)?$/.exec(path)
    const exam = /^\/exams\/([^/]+)$/.exec(path)?.[1]
    if (line === 'GET /me') return this.json(response, { account: 'chen', role: this.role })
    if (line === 'GET /exams') return this.json(response, this.exams)
    if (/^\/exams\/[^/]+\/(roster|inspections|photos|numbers)/.test(path)) return this.list(line, path, url, response)
    if (exam !== undefined && line.startsWith('GET')) {
      const details = this.details[exam]
      return details ? this.json(response, details) : this.refuse(response, NOT_FOUND)
    }
    if (exam !== undefined) {
      this.setExam(exam, body)
      return this.json(response, null, 204)
    }
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
    const [, , registration, deed, kind] = candidate
    const row = this.rows.find((one) => one.registration === registration) ?? (registration?.startsWith('R01') ? this.rows[2] : undefined)
    if (!row) return this.refuse(response, NOT_FOUND)
    if (!deed) return this.json(response, storyOf(row, this.version))
    if (deed === 'unmask') return this.json(response, PLAIN)
    if (deed === 'reopen') this.move(registration, 'photo')
    if (deed === 'complete') this.move(registration, 'completed')
    if (deed === 'take-back') this.move(registration, String(body.what))
    if (deed === 'inspect') this.waiting = this.waiting.filter((one) => one.registration !== registration)
    if (deed === 'desk') return this.json(response, { path: '/#desk=TICKET' })
    if (deed === 'pictures') return kind === 'card_emblem' ? this.refuse(response, NO_PICTURE) : this.picture(response, kind ?? '')
    this.json(response, null, 204)
  }

  private list(line: string, path: string, url: URL, response: ServerResponse): void {
    if (path.endsWith('/numbers')) return this.json(response, url.searchParams.has('from') ? { ...NUMBERS, hours: [], days: [], refusals: [], answers: [], forecast: null } : NUMBERS)
    if (path.endsWith('/inspections')) return this.json(response, { waiting: this.waiting.length, items: this.waiting })
    if (path.endsWith('/exports')) return this.json(response, PHOTOS)
    if (path.endsWith('/export')) return this.json(response, { path: `${API}/downloads/once` })
    if (line.startsWith('POST')) {
      const { file } = this
      const like = file === FAILED.file ? FAILED : IMPORT
      const begun: RosterImport = { ...like, id: `import-${this.imports.length + 1}`, file, dry_run: url.searchParams.get('dry_run') === 'true', existing: String(url.searchParams.get('existing')) }
      this.imports = [begun, ...this.imports]
      this.running = 1
      return this.json(response, { ...begun, state: 'running', rows: 0, finished_at: null, problems: [], preview: [], failure: null }, 202)
    }
    const id = /\/imports\/(.+)$/.exec(path)?.[1]
    if (!id) return this.json(response, this.imports.map((one) => ({ ...one, problems: [], preview: [] })))
    const found = this.imports.find((one) => one.id === id)
    if (!found) return this.refuse(response, NOT_FOUND)
    this.json(response, this.running-- > 0 ? { ...found, state: 'running', rows: 512, problems: [], preview: [], failure: null } : found)
  }

  private setExam(id: string, body: Record<string, unknown>): void {
    const { office_name, office_phone, agreement: _, privacy, face_consent: __, ...rest } = body
    const before = this.details[id] ?? DETAILS
    const own = privacy as { version: string } | undefined
    this.details = { ...this.details, [id]: { ...before, id, ...rest, privacy: { ...before.privacy, ...(own && { version: own.version }) }, office: { name: String(office_name), phone: String(office_phone) } } as ExamDetails }
    const exam: Exam = { id, name: String(body.name), open: body.open === true, standard: String(body.standard), registrations: 0, states: {} }
    const known = this.exams.find((one) => one.id === id)
    this.exams = known
      ? this.exams.map((one) => (one === known ? { ...exam, registrations: known.registrations, states: known.states } : one))
      : [exam, ...this.exams]
  }

  private picture(response: ServerResponse, kind: string): void {
    response.writeHead(200, { 'Content-Type': 'image/svg+xml', 'Cache-Control': 'no-store' })
    response.end(pictureOf(kind))
  }

  private move(registration: string | undefined, state: string): void {
    this.rows = this.rows.map((one) => (one.registration === registration ? { ...one, state } : one))
  }

  private find(path: string, body: Record<string, unknown>) {
    if (!path.includes('2026')) return { candidates: [], next: null }
    const { registration, number, phone, name, state, level, after } = body
    const found = this.rows.filter((row) =>
      registration ? row.registration === registration
      : number ? number === PLAIN.registration?.number && row.registration === 'R0002'
      : phone ? phone === PLAIN.registration?.phone && row.registration === 'R0002'
      : name ? name === PLAIN.registration?.name && row.registration === 'R0002'
      : (!state || (row.state ?? 'none') === state) && (!level || row.level === level),
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
    if (path === '/') {
      response.writeHead(200, { 'Content-Type': CONTENT['.html'] })
      response.end('<!doctype html><title>candidate</title>')
      return
    }
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
