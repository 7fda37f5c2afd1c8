// A browser at an official's desk, for the page tests.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { expect } from 'vitest'

export const PAGES = join(import.meta.dirname, '../dist')
/** Where screenshots go, if anywhere. */
const SHOTS = process.env.SHOTS

const CALM = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

/** The browser's path comes from `CHROMIUM`, or is Debian's. */
export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', ...CALM] })

export const WIDE = { width: 1440, height: 900 }
export const NARROW = { width: 768, height: 1024 }

/** Errors that a page wrote to its console, content-policy violations among them. */
export function complaints(page: Page): string[] {
  const heard: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) heard.push(message.text().slice(0, 300))
  })
  page.on('pageerror', (error) => heard.push(String(error)))
  return heard
}

export async function signIn(page: Page, address: string, path = '/'): Promise<void> {
  await page.goto(`${address}/console${path}`)
  await page.getByLabel('账号').fill('chen')
  await page.getByLabel('密码').fill('Rain-on-7-roofs')
  await page.getByLabel('动态码').fill('123456')
  await page.getByRole('button', { name: '登录' }).click()
  await page.getByRole('navigation').waitFor()
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Fault {
  id: string
  impact: string | null
  nodes: { html: string; failureSummary?: string }[]
}

/** What a person without sight, or without a mouse, would stumble over. */
export async function faults(page: Page): Promise<string[]> {
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

/** Looks at a page at both widths: nothing to stumble over, no scrolling sideways; screenshots where they are wanted. */
export async function inspect(page: Page, name: string): Promise<void> {
  for (const size of [NARROW, WIDE]) {
    await page.setViewportSize(size)
    await page.waitForTimeout(120)
    if (SHOTS) {
      mkdirSync(SHOTS, { recursive: true })
      await page.screenshot({ path: join(SHOTS, `${name}-${size.width}.png`), fullPage: !(await page.getByRole('dialog').isVisible()), animations: 'disabled' })
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(wide, `${name} at ${size.width} scrolls sideways`).toBe(0)
    expect(await faults(page), `${name} at ${size.width}`).toEqual([])
  }
}
