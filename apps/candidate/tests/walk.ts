// A phone-sized browser for the page tests.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core'
import { expect } from 'vitest'
import { SAMPLE } from './mock'

export const PAGES = join(__dirname, '../dist/h5')
const SHOTS = join(__dirname, '../dist/screenshots')

const CALM = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
const CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']

/** The browser's path comes from `CHROMIUM`, or is Debian's. */
export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', ...CALM, ...CAMERA],
  })

export const phone = (browser: Browser, width = 390, height = 844): Promise<BrowserContext> =>
  browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: 2,
    hasTouch: true,
    locale: 'zh-CN',
    permissions: ['camera'],
  })

export const by = (page: Page, id: string) => page.locator(`[data-testid="${id}"]`)

/** Where an element lies on the page. */
export async function boxOf(element: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await element.boundingBox()
  if (!box) throw new Error('it is not to be seen')
  return box
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Fault {
  id: string
  impact: string | null
  nodes: { html: string }[]
}

/** What a candidate without sight, or without a mouse, would stumble over. */
async function faults(page: Page): Promise<string[]> {
  // Evaluated rather than put into the page, where the policy forbids it.
  await page.evaluate(AXE)
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (of: Document, how: object) => Promise<{ violations: Fault[] }> } }
    return (await axe.run(document, { resultTypes: ['violations'] })).violations
  })
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(' | ')}`)
}

/** Keeps the screen's look, and holds it against what everybody must be able to use. */
export async function shot(page: Page, name: string, full = false): Promise<void> {
  expect(await faults(page), name).toEqual([])
  mkdirSync(SHOTS, { recursive: true })
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: full, animations: 'disabled' })
}

/** Errors that a page wrote to its console, content-policy violations among them. */
export function complaints(page: Page): string[] {
  const heard: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) heard.push(message.text().slice(0, 300))
  })
  page.on('pageerror', (error) => heard.push(String(error)))
  return heard
}

export async function logIn(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await by(page, 'home-enter').click()
  await by(page, 'login-phone').fill('13900000001')
  await by(page, 'login-code-send').click()
  await by(page, 'login-code').fill('123456')
  await by(page, 'login-agree').check()
  await by(page, 'login-submit').click()
  await by(page, 'logout').waitFor()
}

export interface Upload {
  name: string
  mimeType: string
  buffer: Buffer
}

/** A JPEG file as a phone would hand it over, drawn in the browser. */
export async function photograph(browser: Browser): Promise<Upload> {
  const page = await browser.newPage()
  const drawn = await page.evaluate(async (svg) => {
    const image = new Image()
    image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = 900
    canvas.height = 1200
    canvas.getContext('2d')?.drawImage(image, 0, 0, 900, 1200)
    return canvas.toDataURL('image/jpeg', 0.9).split(',')[1] ?? ''
  }, SAMPLE)
  await page.close()
  return { name: 'capture.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(drawn, 'base64') }
}
