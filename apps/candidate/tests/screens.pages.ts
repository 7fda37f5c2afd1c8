// Every screen of the built H5 pages, drawn from what a server says.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accepted, allWorks, Mock, read, REASONS, refusedPhoto, unread } from './mock'
import { boxOf, by, complaints, launch, logIn, PAGES, phone, photograph, shot, type Upload } from './walk'
import type { Collection } from '../src/api/shapes'

const mock = new Mock(PAGES)
let address: string
let browser: Browser
let context: BrowserContext
let page: Page
let heard: string[]
let picture: Upload

beforeAll(async () => {
  address = await mock.start()
  browser = await launch()
  picture = await photograph(browser)
})
afterAll(async () => {
  await browser.close()
  mock.stop()
})
beforeEach(async () => {
  mock.reset()
  context = await phone(browser)
  page = await context.newPage()
  page.setDefaultTimeout(10_000)
  heard = complaints(page)
})
afterEach(async () => {
  await context.close()
  expect(heard).toEqual([])
})

async function at(change: Partial<Collection>): Promise<void> {
  mock.move(change)
  await logIn(page, address)
}

const words = { zh: '核验平台暂时没有回应，我们会继续询问。您的照片已保存，不计核验次数。', en: 'It does not answer.' }
const wholeCard = { portrait: accepted, emblem: accepted, read }
const nameDiffers = [
  { item: 'name' as const, weight: 'blocking' as const, card: '阿卜杜拉·样本', registration: '阿卜杜拉样本' },
  { item: 'address' as const, weight: 'advisory' as const, card: '北京市样本区样本路 18 号', registration: '北京市样本区样本路 8 号' },
]

describe('every screen', () => {
  test('home and login', async () => {
    await page.goto(address)
    await by(page, 'home-enter').waitFor()
    await shot(page, '02-home')
    await by(page, 'home-enter').click()
    await by(page, 'login-phone').waitFor()
    await shot(page, '03-login')
    await by(page, 'login-submit').click()
    await by(page, 'login-phone-error').waitFor()
    await by(page, 'login-phone').fill('13900000001')
    await by(page, 'login-code-send').click()
    await by(page, 'login-code-sent').waitFor()
    expect(await by(page, 'login-code-send').isDisabled()).toBe(true)
    await by(page, 'login-code').fill('000000')
    await by(page, 'login-submit').click()
    await by(page, 'login-agree-error').waitFor()
    await by(page, 'login-agree').check()
    await by(page, 'login-submit').click()
    expect(await by(page, 'login-code-error').innerText()).toContain('4')
    await shot(page, '03-login-wrong', true)
    await by(page, 'login-privacy-read').click()
    await by(page, 'reading').waitFor()
    await shot(page, '03-login-reading')
    await page.keyboard.press('Escape')
    await by(page, 'reading').waitFor({ state: 'detached' })
    await page.waitForTimeout(300)
    expect(await by(page, 'login-phone').inputValue()).toBe('13900000001')
    await page.goBack()
    await by(page, 'home-enter').waitFor()
  })

  test('an unknown phone is told whom to ask', async () => {
    mock.registered = false
    await page.goto(address)
    await by(page, 'home-enter').click()
    await by(page, 'login-phone').fill('13900000001')
    await by(page, 'login-code-send').click()
    await by(page, 'login-code-sent').waitFor()
    expect(await by(page, 'login-code-sent').innerText()).toContain('010-12345678')
    await shot(page, '03-login-unknown', true)
  })

  test('the card, both ways and refused', async () => {
    await logIn(page, address)
    await shot(page, '04-card')
    await by(page, 'card-portrait').click()
    await by(page, 'card-portrait-camera').waitFor()
    await shot(page, '04-card-choice')
    await by(page, 'card-portrait-camera').click()
    await by(page, 'camera-shoot').click({ trial: true })
    await page.waitForTimeout(600)
    await shot(page, '04-card-camera')
    await by(page, 'camera-shoot').click()
    await by(page, 'card-portrait-state-good').waitFor()
    const side = { accepted: false, findings: REASONS.slice(0, 1), picture: true }
    mock.refusals = [{ status: 415, code: 'picture_heic', message: { zh: '这是 HEIC 格式的照片。请在“设置—相机—格式”里选“兼容性最佳”，重新拍摄。', en: 'HEIC' } }]
    await by(page, 'card-emblem').click()
    await by(page, 'card-emblem-album-input').setInputFiles(picture)
    await by(page, 'card-emblem-reasons').waitFor()
    await shot(page, '04-card-heic', true)
    mock.move({ card: { portrait: accepted, emblem: side, read: null } })
    await page.reload()
    await by(page, 'card-emblem-state-bad').waitFor()
    expect(await by(page, 'card-submit').isDisabled()).toBe(true)
    await by(page, 'card-emblem-album-input').setInputFiles(picture)
    await by(page, 'card-emblem-state-good').waitFor()
    await page.waitForTimeout(300)
    await shot(page, '04-card-accepted', true)
    await by(page, 'card-submit').click()
    await by(page, 'confirm-ok').waitFor()
  })

  test('confirm, with a doubtful name', async () => {
    await at({ state: 'confirm', card: { ...wholeCard, read: { ...read, name_doubtful: true } } })
    expect(await by(page, 'confirm-number').innerText()).toContain('19900307')
    await shot(page, '05-confirm')
  })

  test('confirm, of a card that prints neither ethnicity nor address', async () => {
    const foreign = {
      kind: 'permanent_residence_2017' as const,
      name: 'SPECIMEN, ANNA MARIA',
      name_cells: [],
      number: 'CAN999990030712',
      nationality: '加拿大/CAN',
      name_doubtful: false,
    }
    await at({ state: 'confirm', card: { ...wholeCard, read: foreign } })
    expect(await by(page, 'confirm-nationality').innerText()).toContain('加拿大')
    for (const row of ['ethnicity', 'address', 'chinese_name']) {
      expect(await by(page, `confirm-${row}`).count()).toBe(0)
    }
  })

  test('a character of the name that could not be read is typed, looked at again, and typed anew', async () => {
    await at({ state: 'confirm', card: { ...wholeCard, read: { ...read, ...unread } } })
    expect(await by(page, 'confirm-name').innerText()).toBe('样□本')
    await by(page, 'confirm-ok').click()
    await by(page, 'confirm-character-1-error').waitFor()
    await shot(page, '05-confirm-unread', true)
    await by(page, 'confirm-character-1').fill('龚龚')
    await by(page, 'confirm-ok').click()
    expect(mock.log.filter((line) => line.startsWith('POST /collection'))).toEqual([])
    await by(page, 'confirm-character-1').fill('𬱖')
    expect(await by(page, 'confirm-name').innerText()).toBe('样𬱖本')
    await shot(page, '05-confirm-typed', true)
    await by(page, 'confirm-ok').click()
    await by(page, 'photo-camera').waitFor()
    expect(mock.log.filter((line) => line.startsWith('POST /collection'))).toEqual([
      'POST /collection/card/name',
      'POST /collection/card/confirm',
    ])
    mock.move({ state: 'blocked', discrepancies: nameDiffers.slice(0, 1) })
    await page.reload()
    await by(page, 'blocked-typed').waitFor()
    await shot(page, '05a-blocked-typed')
    await by(page, 'blocked-typed').click()
    await by(page, 'confirm-ok').waitFor()
    expect(await by(page, 'confirm-character-1').inputValue()).toBe('𬱖')
  })

  test('blocking discrepancy, then corrected', async () => {
    await at({ state: 'blocked', card: wholeCard, discrepancies: nameDiffers })
    await by(page, 'blocked-dialog').waitFor()
    await shot(page, '05a-blocked')
    expect(await by(page, 'blocked-phone').getAttribute('href')).toBe('tel:01012345678')
    await by(page, 'blocked-check').click()
    await by(page, 'blocked-still').waitFor()
    mock.move({ corrected: true })
    await by(page, 'blocked-check').click()
    await by(page, 'blocked-again').waitFor()
    await shot(page, '05a-blocked-corrected')
    await by(page, 'blocked-again').click()
    await by(page, 'card-portrait').waitFor()
  })

  test('advisory discrepancy', async () => {
    await at({ state: 'advisory', card: wholeCard, discrepancies: nameDiffers.slice(1) })
    await shot(page, '05b-advisory')
    await by(page, 'advisory-go').click()
    await by(page, 'photo-camera').waitFor()
  })

  test('photo by album', async () => {
    await at({ state: 'photo' })
    await shot(page, '06-photo')
    await shot(page, '06-photo-full', true)
    await by(page, 'photo-album-input').setInputFiles(picture)
    await by(page, 'photo-done').waitFor()
    await shot(page, '06-photo-chosen')
    mock.slow = 1500
    await by(page, 'photo-done').click()
    await by(page, 'progress').waitFor()
    await shot(page, '06-photo-judging')
    mock.slow = 0
    await by(page, 'check-submit').waitFor()
    await by(page, 'check-photo').waitFor()
    await page.waitForTimeout(300)
    await shot(page, '07-check-accepted')
    await by(page, 'check-submit').click()
    await by(page, 'consent-submit').waitFor()
  })

  test('photo by camera, with 取消 and back', async () => {
    await at({ state: 'photo' })
    await by(page, 'photo-camera').click()
    await by(page, 'camera-shoot').click({ trial: true })
    await page.waitForTimeout(600)
    await shot(page, '06-photo-camera')
    await by(page, 'camera-shoot').click()
    await by(page, 'photo-next').waitFor()
    await shot(page, '06-photo-taken')
    await by(page, 'photo-cancel').click()
    await by(page, 'camera-shoot').waitFor()
    await page.goBack()
    await by(page, 'camera').waitFor({ state: 'detached' })
    await by(page, 'photo-camera').waitFor()
  })

  test('a photo that is not acceptable', async () => {
    await at({ state: 'photo', photo: refusedPhoto })
    await by(page, 'check-yours').waitFor()
    expect(mock.log).toContain('GET /collection/pictures/preview')
    const reasons = by(page, 'check-reasons').locator('li')
    const numbers = await reasons.locator('.reason-number').allInnerTexts()
    expect(numbers).toEqual(['1', '2', '3'])
    expect(await reasons.nth(2).innerText()).toContain('耳朵被挡住了')
    expect(await by(page, 'check-more').innerText()).toContain('2')
    await page.waitForTimeout(300)
    await shot(page, '07-check-refused')
    await shot(page, '07-check-refused-full', true)
    await by(page, 'check-retake').click()
    await by(page, 'photo-camera').waitFor()
  })

  test('the spots of a refused photo are ringed in it, with the reasons’ numbers', async () => {
    await at({ state: 'photo', photo: refusedPhoto })
    const picture = page.locator('[data-testid="check-yours"] img')
    await picture.waitFor()
    await page.waitForFunction(() => document.querySelector<HTMLImageElement>('[data-testid="check-yours"] img')?.complete)
    expect(await picture.getAttribute('alt')).toContain('1、3')
    const size = await boxOf(picture)
    const placeOf = async (rank: number) => {
      const ring = await boxOf(by(page, `ring-${rank}`))
      return [
        (ring.x - size.x) / size.width,
        (ring.y - size.y) / size.height,
        ring.width / size.width,
        ring.height / size.height,
      ].map((share) => Math.round(share * 100) / 100)
    }
    expect(await placeOf(1)).toEqual([0.28, 0.2, 0.44, 0.46])
    // Too narrow to be seen, so it is drawn wider, around the same middle.
    expect(await placeOf(3)).toEqual([0.66, 0.4, 0.09, 0.1])
    expect(await by(page, 'ring-2').count()).toBe(0)
    expect(await page.locator('.ring-number').allInnerTexts()).toEqual(['1', '3'])
    const [number, ring] = [await boxOf(by(page, 'ring-number-3')), await boxOf(by(page, 'ring-3'))]
    expect(number.x < ring.x && number.y + number.height > ring.y + ring.height).toBe(true)
    expect(await by(page, 'ring-1').getAttribute('aria-hidden')).toBe('true')
  })

  test('a photo refused for one thing only, about the whole picture', async () => {
    const [one] = refusedPhoto.findings.filter((finding) => finding.id === 'sharpness')
    if (!one) throw new Error('no such finding')
    await at({ state: 'photo', photo: { ...refusedPhoto, findings: [{ ...one, rank: 1 }], more: 0 } })
    await by(page, 'check-yours').waitFor()
    expect(await page.locator('.ring').count()).toBe(0)
    expect(await by(page, 'check-more').count()).toBe(0)
    await shot(page, '07-check-refused-one', true)
  })

  test('consent, waiting, outage, success', async () => {
    await at({ state: 'consent' })
    await shot(page, '08-consent')
    await by(page, 'consent-submit').click()
    await by(page, 'verify-wait').waitFor()
    await shot(page, '08-verifying')
    mock.move({ verification: { status: 'delayed', message: words } })
    await by(page, 'verify-delayed').waitFor()
    await shot(page, '08-verifying-delayed')
    mock.move({
      state: 'completed',
      level: '专升本',
      verification: null,
      completed: { by: 'platform', at: '2025-11-23T03:00:00Z', overwrites: ['ethnicity', 'address'], prior_degree_check: true },
    })
    await by(page, 'result-success').waitFor()
    await by(page, 'result-prior-degree').waitFor()
    await page.waitForTimeout(300)
    await shot(page, '09-success')
    await shot(page, '09-success-full', true)
  })

  test('a photo unlike the card is shown beside the card’s picture before anything is submitted', async () => {
    mock.unlike = true
    await at({ state: 'consent' })
    await by(page, 'consent-submit').click()
    await by(page, 'warned-message').waitFor()
    for (const side of ['warned-card', 'warned-photo']) {
      await page.waitForFunction(
        (id) => document.querySelector<HTMLImageElement>(`img[data-testid="${id}"], [data-testid="${id}"] img`)?.complete,
        side,
      )
    }
    const [card, made] = [await boxOf(by(page, 'warned-card')), await boxOf(by(page, 'warned-photo'))]
    expect(card.x + card.width < made.x && Math.abs(card.y - made.y) < 1, 'side by side').toBe(true)
    expect(await by(page, 'screen-warned').innerText()).toContain('没有计入核验次数')
    expect(await by(page, 'warned-retake').innerText()).toBe('重新拍照')
    expect(await by(page, 'warned-submit').innerText()).toBe('仍然提交')
    await shot(page, '08-warned')
    await page.reload()
    await by(page, 'warned-message').waitFor()
    await by(page, 'warned-retake').click()
    await by(page, 'photo-camera').waitFor()

    mock.move({ state: 'consent' })
    await page.reload()
    await by(page, 'consent-submit').click()
    await by(page, 'warned-submit').click()
    await by(page, 'verify-wait').waitFor()
    expect(mock.log.filter((line) => line === 'POST /collection/verification/all-the-same').length).toBe(1)
  })

  test('a photo that waits for the office is shown, and may still be taken again', async () => {
    const waits = { zh: '照片已经提交，正在等工作人员查看。', en: 'Your photo waits for the office.' }
    await at({ state: 'inspection', verification: { status: 'inspection', message: waits } })
    expect(await by(page, 'inspection-wait').innerText()).toContain(waits.zh)
    await by(page, 'inspection-photo').waitFor()
    await shot(page, '08-inspection')
    const refused = { zh: '工作人员看过照片，需要重新拍一张。请露出双耳。', en: 'The office needs another photo.' }
    mock.move({ state: 'photo', verification: { status: 'not_passed', message: refused } })
    await page.reload()
    await by(page, 'photo-unusable').waitFor()
    expect(await by(page, 'photo-unusable').innerText()).toContain('请露出双耳')
    await shot(page, '06-photo-not-passed')
    mock.move({ state: 'card', verification: { status: 'not_passed', message: refused } })
    await page.reload()
    await by(page, 'card-taken-back').waitFor()
    await shot(page, '04-card-taken-back')
  })

  test('at the desk the page begins with a ticket, in nobody’s session', async () => {
    await at({ state: 'review' })
    await page.goto('about:blank')
    await page.goto(`${address}/#desk=0123456789abcdefghijklmnop`)
    await by(page, 'desk-begin').waitFor()
    expect(page.url(), 'a ticket does not stay in the address').not.toContain('desk')
    await shot(page, '03-desk')
    await by(page, 'desk-begin').click()
    await page.getByText('请先阅读《用户协议》').waitFor()
    await by(page, 'desk-agree').click()
    const spent = { zh: '这个窗口已经打开过，请工作人员重新打开。', en: 'This page was opened before.' }
    mock.refusals = [{ on: 'POST /login/desk', status: 410, code: 'ticket_spent', message: spent }]
    await by(page, 'desk-begin').click()
    await by(page, 'desk-problem').waitFor()
    mock.move({ state: 'card', photo: null })
    await by(page, 'desk-begin').click()
    await by(page, 'card-portrait').waitFor()
    expect(mock.log.filter((line) => line === 'POST /login/desk').length).toBe(2)
  })

  test('waiting by polling where streams do not come through', async () => {
    mock.streams = false
    await at({ state: 'verifying', verification: { status: 'waiting', message: words } })
    mock.move({ state: 'refused', verification: null, attempts: { allowed: 5, used: 4, left: 1 } })
    await by(page, 'result-refused').waitFor()
    await shot(page, '09-refused')
    await by(page, 'result-retake').click()
    await by(page, 'photo-camera').waitFor()
  })

  test('failed', async () => {
    await at({ state: 'failed', attempts: { allowed: 5, used: 5, left: 0 } })
    await by(page, 'failed').waitFor()
    await shot(page, '10-failed')
  })

  test('English', async () => {
    await page.goto(address)
    await by(page, 'lang-toggle').click()
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    await shot(page, '02-home-en')
    await at({ state: 'advisory', card: wholeCard, discrepancies: nameDiffers.slice(1) })
    await shot(page, '05b-advisory-en')
    await by(page, 'advisory-go').click()
    await by(page, 'photo-camera').waitFor()
    await shot(page, '06-photo-en', true)
  })
})

describe('an outage', () => {
  const out = { state: 'out' as const, since: '2026-12-03T01:20:00Z' }
  const delayed = { state: 'delayed' as const, since: '2026-12-03T01:40:00Z' }

  test('is told at the login, with a way to the whole and back, and nothing typed is lost', async () => {
    mock.status = { ...allWorks(), login_messages: out }
    await page.goto(address)
    await by(page, 'home-enter').click()
    await by(page, 'login-phone').fill('13900000001')
    await by(page, 'outages').waitFor()
    expect(await by(page, 'outages').innerText()).toContain('登录短信暂时发不出去')
    await shot(page, '03-login-outage', true)
    await by(page, 'status-link').click()
    await by(page, 'status-login_messages').waitFor()
    expect(await by(page, 'login-phone').isVisible()).toBe(false)
    await page.goBack()
    await by(page, 'login-phone').waitFor()
    expect(await by(page, 'login-phone').inputValue()).toBe('13900000001')
    expect(await page.title()).toContain('登录')
  })

  test('has a page of its own that needs no login and keeps itself up to date', async () => {
    mock.status = { ...allWorks(), card_and_photo: delayed, verification: out }
    await page.goto(`${address}/status`)
    await by(page, 'status-verification').waitFor()
    expect(await by(page, 'status-verification').innerText()).toMatch(/暂停[^]*不计入核验次数[^]*2026年12月3日/)
    expect(await by(page, 'status-card_and_photo').innerText()).toContain('较慢')
    expect(await by(page, 'status-login_messages').innerText()).toContain('正常')
    await shot(page, '16-status', true)
    mock.status = allWorks()
    await by(page, 'status-well').waitFor({ timeout: 20_000 })
    await by(page, 'status-back').click()
    await by(page, 'home-enter').waitFor()
    expect(new URL(page.url()).pathname).toBe('/')
  })

  test('of everything is told as well, and in English', async () => {
    mock.status = null
    await page.goto(`${address}/status`)
    await by(page, 'status-unreachable').waitFor()
    expect(await by(page, 'screen-status').innerText()).toContain('不会丢失')
    await page.locator('[data-testid="screen-status"]').locator('xpath=..').locator('[data-testid="lang-toggle"]').click()
    expect(await by(page, 'status-unreachable').innerText()).toContain('cannot be reached')
    await shot(page, '16-status-unreachable-en', true)
  })

  test('is a tap away while the page waits for the server', async () => {
    await logIn(page, address)
    mock.status = { ...allWorks(), card_and_photo: out }
    mock.cut = 1000
    await by(page, 'card-portrait-album-input').setInputFiles(picture)
    await page.locator('.trouble-on').waitFor()
    await page.locator('.trouble-on [data-testid="status-link"]').click()
    await by(page, 'status-card_and_photo').waitFor()
    expect(await by(page, 'status-card_and_photo').innerText()).toContain('暂停')
    mock.cut = 0
    await by(page, 'status-back').click()
    await by(page, 'card-portrait-state-good').waitFor({ timeout: 20_000 })
  })

  test('is a tap away while the platform does not answer', async () => {
    await at({ state: 'verifying', verification: { status: 'delayed', message: words } })
    await by(page, 'verify-delayed').waitFor()
    await by(page, 'status-link').click()
    await by(page, 'status-well').waitFor()
  })
})

describe('nothing is lost', () => {
  test('a lost connection is waited out, with a banner', async () => {
    await logIn(page, address)
    mock.cut = 1000
    await by(page, 'card-portrait-album-input').setInputFiles(picture)
    await page.locator('.trouble-on').waitFor()
    mock.cut = 0
    await shot(page, '04-card-offline')
    await by(page, 'card-portrait-state-good').waitFor()
    await page.locator('.trouble-on').waitFor({ state: 'detached' })
  })

  test('a reload in the middle of an upload sends the picture again', async () => {
    await logIn(page, address)
    mock.cut = 1000
    await by(page, 'card-portrait-album-input').setInputFiles(picture)
    await page.locator('.trouble-on').waitFor()
    await page.reload()
    mock.cut = 0
    await by(page, 'card-portrait-state-good').waitFor({ timeout: 20_000 })
  })

  test('a busy server is waited for as long as it asks', async () => {
    await logIn(page, address)
    mock.refusals = [{ status: 503, code: 'busy', message: words, retry_after_s: 2 }]
    const began = Date.now()
    await by(page, 'card-portrait-album-input').setInputFiles(picture)
    await by(page, 'card-portrait-state-good').waitFor()
    expect(Date.now() - began).toBeGreaterThan(1900)
  })

  test('an ended session goes to the login and says so', async () => {
    await logIn(page, address)
    mock.refusals = [{ on: 'GET /collection', status: 401, code: 'session_expired', message: { zh: '登录已过期，请重新登录。', en: 'Expired' } }]
    await page.reload()
    await by(page, 'login-phone').waitFor()
    expect(await by(page, 'notice').innerText()).toContain('登录已过期')
  })

  test('no address ever holds the token', async () => {
    await at({ state: 'verifying', verification: { status: 'waiting', message: words } })
    await by(page, 'verify-wait').waitFor()
    expect(mock.log.filter((line) => line.includes('?') || line.includes('token'))).toEqual([])
    expect(page.url()).not.toContain('token')
  })
})

describe('keyboard', () => {
  test('the way to the card without a pointer', async () => {
    await page.goto(address)
    await by(page, 'home-enter').focus()
    await page.keyboard.press('Enter')
    await by(page, 'login-phone').focus()
    await page.keyboard.type('13900000001')
    await page.keyboard.press('Enter')
    await by(page, 'login-code-sent').waitFor()
    await page.keyboard.type('123456')
    await by(page, 'login-agree').focus()
    await page.keyboard.press('Space')
    await by(page, 'login-submit').focus()
    await page.keyboard.press('Space')
    await by(page, 'card-portrait').waitFor()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('title-card')
    await by(page, 'card-portrait').focus()
    await page.keyboard.press('Enter')
    await by(page, 'card-choice').waitFor()
    for (let presses = 0; presses < 7; presses++) {
      await page.keyboard.press('Tab')
      expect(await page.evaluate(() => document.activeElement?.closest('[role=dialog]') !== null)).toBe(true)
    }
    await page.keyboard.press('Escape')
    await by(page, 'card-choice').waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('card-portrait')
  })
})

describe('sizes', () => {
  for (const [width, height] of [
    [320, 568],
    [360, 740],
    [412, 915],
    [768, 1024],
  ] as const) {
    test(`nothing is wider than a page of ${width}`, async () => {
      await page.setViewportSize({ width, height })
      const fits = async () =>
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
      await page.goto(address)
      await by(page, 'home-enter').click()
      await fits()
      await shot(page, `${width}-login`, true)
      for (const [name, change] of [
        ['card', {}],
        ['confirm', { state: 'confirm', card: wholeCard }],
        ['blocked', { state: 'blocked', card: wholeCard, discrepancies: nameDiffers }],
        ['photo', { state: 'photo' }],
        ['check', { state: 'photo', photo: refusedPhoto }],
        ['refused', { state: 'refused', attempts: { allowed: 5, used: 2, left: 3 } }],
      ] as const) {
        mock.reset()
        mock.move(change as Partial<Collection>)
        await page.evaluate(() => localStorage.clear())
        await logIn(page, address)
        await page.waitForTimeout(200)
        await fits()
        await shot(page, `${width}-${name}`, name !== 'blocked')
      }
    })
  }
})
