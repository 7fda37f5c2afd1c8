// Every page of the built console, and what is done on it.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ACCESS, Mock, PLAIN, UNBROKEN } from './mock'
import { complaints, inspect, launch, PAGES, signIn, WIDE } from './walk'

const mock = new Mock(PAGES)
let address: string
let browser: Browser
let context: BrowserContext
let page: Page
let heard: string[]

beforeAll(async () => {
  address = await mock.start()
  browser = await launch()
})
afterAll(async () => {
  await browser.close()
  mock.stop()
})
beforeEach(async () => {
  mock.reset()
  context = await browser.newContext({ viewport: WIDE, locale: 'zh-CN' })
  page = await context.newPage()
  page.setDefaultTimeout(8_000)
  heard = complaints(page)
})
afterEach(async () => {
  await context.close()
  expect(heard).toEqual([])
})

const ONE = '/exams/sample-2026/candidates/R0002'
const button = (name: string) => page.getByRole('button', { name, exact: true })
const inDialog = (name: string) => page.getByRole('dialog').getByRole('button', { name, exact: true })
const trouble = () => page.getByTestId('trouble')
const asked = (line: string) => mock.asked.filter((one) => one.line === line).length

describe('signing in and out', () => {
  test('wrong, then right', async () => {
    await page.goto(`${address}/console/`)
    const code = page.getByLabel('动态码')
    expect([await code.getAttribute('autocomplete'), await code.getAttribute('inputmode')]).toEqual(['one-time-code', 'numeric'])
    await inspect(page, '01-sign-in')
    await page.getByLabel('账号').fill('chen')
    await page.getByLabel('密码').fill('wrong')
    await code.fill('12')
    await button('登录').click()
    await page.getByText('动态码是 6 位数字。').waitFor()
    expect(asked('POST /sign-in')).toBe(0)
    await code.fill('123 456')
    await button('登录').click()
    expect(await trouble().innerText()).toContain('账号、密码或动态码不正确')
    expect(await code.inputValue()).toBe('')
    await inspect(page, '01-sign-in-wrong')
    await page.getByLabel('密码').fill('Rain-on-7-roofs')
    await code.fill('123456')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: '考生', exact: true }).waitFor()
    expect(await page.getByTestId('who').innerText()).toBe('chen · 管理员')
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('mock-token')
  })

  test('a session that the server has ended leads to sign-in, which says so; the place is kept', async () => {
    await signIn(page, address, ONE)
    await page.getByRole('heading', { name: '考生详情 R0002' }).waitFor()
    mock.forget()
    await button('刷新').click()
    expect(await page.getByTestId('ending').innerText()).toContain('登录已失效')
    await inspect(page, '01-sign-in-ended')
    await signIn(page, address, ONE)
    await page.getByRole('heading', { name: '考生详情 R0002' }).waitFor()
  })

  test('signing out forgets the session, and a reload does not bring it back', async () => {
    await signIn(page, address)
    await button('退出').click()
    expect(await page.getByTestId('ending').innerText()).toContain('您已退出')
    expect(asked('POST /sign-out')).toBe(1)
    await page.reload()
    await page.getByLabel('动态码').waitFor()
    expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain('mock-token')
  })

  test('a warning before an idle session ends, and staying', async () => {
    mock.idle_s = 12
    await signIn(page, address)
    await button('继续使用').waitFor({ timeout: 10_000 })
    await inspect(page, '09-idle')
    await button('继续使用').click()
    await button('继续使用').waitFor({ state: 'hidden' })
    expect(asked('GET /me')).toBe(1)
    await page.getByTestId('ending').waitFor({ timeout: 20_000 })
    expect(await page.getByTestId('ending').innerText()).toContain('已自动退出')
  })
})

describe('candidates', () => {
  test('a search goes in the body, never in the address, and finds the candidate', async () => {
    await signIn(page, address)
    await page.getByRole('link', { name: '查看考生 R0050' }).waitFor()
    await inspect(page, '02-candidates')
    await page.getByText('身份证号码', { exact: true }).first().click()
    await page.getByLabel('查找内容').fill('110000199003070015')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: '查看考生 R0001' }).waitFor({ state: 'detached' })
    expect(mock.bodyOf('POST /exams/sample-2026/candidates')).toEqual({ number: '110000199003070015' })
    expect(page.url()).not.toContain('110000')
    expect(mock.asked.some(({ line }) => line.includes('110000'))).toBe(false)
    await page.getByRole('cell', { name: '110000********0015' }).click()
    await page.getByRole('heading', { name: '考生详情 R0002' }).waitFor()
    expect(page.url()).toBe(`${address}/console${ONE}`)
    await page.getByText('已用 5 次，共 5 次').waitFor()
    await page.getByRole('cell', { name: '头转向了一边。请把脸转正，鼻尖正对镜头。' }).waitFor()
    await inspect(page, '03-candidate')
    await page.getByRole('link', { name: '返回考生列表' }).click()
    expect(await page.getByLabel('查找内容').inputValue()).toBe('110000199003070015')
    await page.getByLabel('查找内容').fill('110000199003070031')
    await button('查找').click()
    await page.getByText('没有符合的考生。').waitFor()
    await inspect(page, '02-candidates-none')
  })

  test('by state, and page by page', async () => {
    await signIn(page, address)
    await page.getByRole('link', { name: '查看考生 R0050' }).waitFor()
    await button('下一页').click()
    await page.getByRole('link', { name: '查看考生 R0051' }).waitFor()
    expect(mock.bodyOf('POST /exams/sample-2026/candidates')).toEqual({ after: 'R0050' })
    expect(await button('下一页').isDisabled()).toBe(true)
    await button('上一页').click()
    await page.getByRole('link', { name: '查看考生 R0001' }).waitFor()
    await page.getByRole('button', { name: '采集失败 5' }).click()
    await page.getByRole('link', { name: '查看考生 R0001' }).waitFor({ state: 'detached' })
    expect(mock.bodyOf('POST /exams/sample-2026/candidates')).toEqual({ state: 'failed' })
    expect(await page.getByRole('button', { name: '采集失败 5' }).getAttribute('aria-pressed')).toBe('true')
  })

  test('another exam session, without registrations', async () => {
    await signIn(page, address)
    // Opened only once the first exam session's list stands: what arrives beside an open list closes it.
    await page.getByRole('link', { name: '查看考生 R0050' }).waitFor()
    await page.locator('.exam .ant-select').click()
    await page.locator('.ant-select-item-option').filter({ hasText: '2025 年成人高考（样本） (未开放)' }).click()
    await page.getByText('这个考次还没有报名信息。').waitFor()
    await inspect(page, '02-candidates-empty')
  })

  test('a server that fails is told, and asked again', async () => {
    mock.refusals = [{ on: 'POST /exams', status: 500, code: 'internal', message: { zh: '服务器出错了。', en: 'The server failed.' } }]
    await signIn(page, address)
    expect(await trouble().innerText()).toContain('mock-1')
    await inspect(page, '02-candidates-trouble')
    await button('重试').click()
    await page.getByRole('link', { name: '查看考生 R0001' }).waitFor()
  })

  test('the keyboard alone opens a candidate', async () => {
    await signIn(page, address)
    await page.getByRole('link', { name: '查看考生 R0001' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: '考生详情 R0001' }).waitFor()
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1')
  })
})

describe('a candidate', () => {
  test('correcting sends only what was changed, with version and reason', async () => {
    await signIn(page, address, ONE)
    await button('更正报名信息').click()
    expect(asked('POST /exams/sample-2026/candidates/R0002/unmask')).toBe(0)
    await inDialog('更正报名信息').click()
    const name = page.getByLabel('姓名')
    await name.waitFor()
    expect(await name.inputValue()).toBe(PLAIN.registration?.name)
    await inDialog('核对更改').click()
    await page.getByText('请填写原因。').waitFor()
    await page.getByLabel('原因').fill('与居民身份证核对')
    await inDialog('核对更改').click()
    await page.getByText('没有任何改动。').waitFor()
    await name.fill('样本申')
    await inspect(page, '04-correct')
    await inDialog('核对更改').click()
    await page.getByRole('cell', { name: '样本申' }).waitFor()
    await inspect(page, '04-correct-review')
    mock.refusals = [{ on: 'POST /exams/sample-2026/candidates/R0002/correct', status: 409, code: 'changed_meanwhile', message: { zh: '刚刚有另一个操作先完成了。', en: 'Another was quicker.' } }]
    await inDialog('确认更正').click()
    await trouble().waitFor()
    await inDialog('返回修改').click()
    expect(await name.inputValue()).toBe('样本申')
    await inDialog('核对更改').click()
    await inDialog('确认更正').click()
    await page.getByText('报名信息已更正。').waitFor()
    expect(mock.bodyOf('POST /exams/sample-2026/candidates/R0002/correct')).toEqual({ version: 3, reason: '与居民身份证核对', name: '样本申' })
  })

  test('whoever only looks has nothing to press', async () => {
    mock.role = 'viewer'
    await signIn(page, address, ONE)
    await page.getByRole('heading', { name: '检测结果' }).waitFor()
    for (const name of ['查看完整信息', '更正报名信息', '重新开放', '现场完成']) expect(await button(name).count()).toBe(0)
    expect(await page.getByRole('navigation').getByRole('link').allInnerTexts()).toEqual(['考生', '修改密码'])
    await inspect(page, '03-candidate-viewer')
    await page.goto(`${address}/console/audit`)
    await page.getByText('您的角色不能查看这个页面').waitFor()
    expect(mock.asked.some(({ line }) => line.startsWith('GET /audit'))).toBe(false)
    await inspect(page, '08-not-allowed')
  })

  test('a registrar sees no people', async () => {
    mock.role = 'registrar'
    await signIn(page, address, ONE)
    await button('重新开放').waitFor()
    expect(await page.getByRole('navigation').getByRole('link').allInnerTexts()).toEqual(['考生', '审计日志', '修改密码'])
  })

  test('full details are shown and hidden again', async () => {
    await page.clock.install()
    await signIn(page, address, ONE)
    await button('查看完整信息').click()
    expect(asked('POST /exams/sample-2026/candidates/R0002/unmask')).toBe(0)
    await inspect(page, '03-unmask')
    await inDialog('查看').click()
    const full = page.getByTestId('full')
    expect(await full.innerText()).toContain(PLAIN.registration?.number)
    await inspect(page, '03-candidate-full')
    await button('隐藏').click()
    await full.waitFor({ state: 'detached' })
    await button('查看完整信息').click()
    await inDialog('查看').click()
    await full.waitFor()
    await page.clock.runFor(58_000)
    expect(await full.count()).toBe(1)
    await page.clock.runFor(3_000)
    await full.waitFor({ state: 'detached' })
    await page.getByText('完整信息已隐藏。').waitFor()
    await button('查看完整信息').click()
    await inDialog('查看').click()
    await full.waitFor()
    await page.getByRole('link', { name: '返回考生列表' }).click()
    // Going back before the list is drawn would not have left the page.
    await page.getByRole('link', { name: '查看考生 R0001' }).waitFor()
    await page.goBack()
    await page.getByRole('heading', { name: '检测结果' }).waitFor()
    expect((await page.content()).includes(PLAIN.registration?.number ?? '')).toBe(false)
  })

  test('reopening needs a reason, and shows the new state', async () => {
    await signIn(page, address, ONE)
    expect(await button('现场完成').count()).toBe(0)
    await button('重新开放').click()
    await inDialog('确认重新开放').click()
    await page.getByText('请填写原因。').waitFor()
    expect(asked('POST /exams/sample-2026/candidates/R0002/reopen')).toBe(0)
    await page.getByLabel('原因').fill('  照片拿错了  ')
    await inspect(page, '05-reopen')
    await inDialog('确认重新开放').click()
    await page.getByText('已重新开放。').waitFor()
    expect(mock.bodyOf('POST /exams/sample-2026/candidates/R0002/reopen')).toEqual({ reason: '照片拿错了' })
    await page.getByText('上传照片', { exact: true }).first().waitFor()
    expect(await button('重新开放').count()).toBe(0)
  })

  test('completing at the desk, refused by the server first', async () => {
    mock.refusals = [{ on: 'POST /exams/sample-2026/candidates/R0003/complete', status: 409, code: 'out_of_order', message: { zh: '现在不能进行这一步。', en: 'Not now.' } }]
    await signIn(page, address, '/exams/sample-2026/candidates/R0003')
    expect(await button('重新开放').count()).toBe(0)
    await button('现场完成').click()
    await page.getByLabel('原因').fill('考生不同意人脸比对，已当面核对')
    await inDialog('确认现场完成').click()
    expect(await trouble().innerText()).toContain('现在不能进行这一步')
    await inspect(page, '05-complete')
    await inDialog('确认现场完成').click()
    await page.getByText('已现场完成。').waitFor()
  })

  test('before the first login, and from a roster that is not ours', async () => {
    mock.version = null
    await signIn(page, address, '/exams/sample-2026/candidates/R0005')
    await page.getByText('尚未登录').waitFor()
    expect(await button('更正报名信息').isDisabled()).toBe(true)
    await inspect(page, '03-candidate-fresh')
    await page.goto(`${address}/console/exams/sample-2026/candidates/R9999`)
    expect(await trouble().innerText()).toContain('没有找到')
  })
})

describe('the office', () => {
  test('somebody new is told once what to sign in with', async () => {
    await signIn(page, address, '/staff')
    await page.getByRole('cell', { name: 'li.ming', exact: true }).waitFor()
    await inspect(page, '06-staff')
    await button('添加人员').click()
    await page.getByRole('dialog').getByLabel('账号').fill('wang')
    await inspect(page, '06-staff-add')
    await inDialog('添加').click()
    const access = page.getByTestId('access')
    expect(await access.innerText()).toContain(ACCESS.secret)
    expect(await page.getByTestId('qr').locator('svg').count()).toBe(1)
    expect(mock.bodyOf('POST /staff')).toEqual({ account: 'wang', role: 'registrar' })
    await inspect(page, '06-staff-access')
    await button('我已交给本人').click()
    await access.waitFor({ state: 'detached' })
    await page.getByRole('cell', { name: 'wang', exact: true }).waitFor()
    expect(await page.content()).not.toContain(ACCESS.secret)
    expect(await page.getByTestId('qr').count()).toBe(0)
  })

  test('another role, an end, a reset', async () => {
    await signIn(page, address, '/staff')
    await button('更改角色 li.ming').click()
    await page.getByRole('dialog').locator('.ant-select').click()
    await page.locator('.ant-select-item-option-content', { hasText: '负责人' }).click()
    await inDialog('保存').click()
    await page.getByText('角色已更改。').waitFor()
    expect(mock.bodyOf('PUT /staff/li.ming')).toEqual({ role: 'supervisor', active: true })
    await button('停用 li.ming').click()
    await inDialog('停用').click()
    await page.getByText('已停用。', { exact: true }).waitFor()
    expect(mock.bodyOf('PUT /staff/li.ming')).toEqual({ role: 'supervisor', active: false })
    await button('重置登录信息 chen').click()
    await inDialog('重置').click()
    expect(await page.getByTestId('access').innerText()).toContain(ACCESS.password)
  })

  test('the audit log is filtered, paged and proven', async () => {
    await signIn(page, address, '/audit')
    await page.getByRole('cell', { name: '130', exact: true }).waitFor()
    await button('验证').click()
    await page.getByTestId('proof').getByText(UNBROKEN.hash).waitFor()
    await inspect(page, '07-audit')
    await button('下一页').click()
    await page.getByRole('cell', { name: '30', exact: true }).waitFor()
    expect(mock.asked.at(-1)?.line).toBe('GET /audit?before=31')
    await page.getByLabel('操作人').fill('chen')
    await page.getByLabel('起始时间').fill('2026-03-01T08:00')
    await button('筛选').click()
    await page.getByRole('cell', { name: '129', exact: true }).waitFor()
    expect(mock.asked.at(-1)?.line).toContain('actor=chen&from=2026-0')
    mock.proof = { unbroken: false, entries: 0, hash: '', problem: 'entry 17 is not what was written' }
    await button('验证').click()
    await page.getByText('日志不完整').waitFor()
    expect(await page.getByTestId('proof').innerText()).toContain('entry 17')
    await inspect(page, '07-audit-broken')
  })

  test('one’s own password, after which one signs in anew', async () => {
    await signIn(page, address, '/password')
    await page.getByLabel('当前密码').fill('Rain-on-7-roofs')
    await page.getByLabel('新密码', { exact: true }).fill('Snow-on-8-roofs')
    await page.getByLabel('再次输入新密码').fill('Snow-on-9-roofs')
    await button('修改密码').click()
    await page.getByText('两次输入的新密码不一样。').waitFor()
    await inspect(page, '08-password')
    await page.getByLabel('再次输入新密码').fill('Snow-on-8-roofs')
    await button('修改密码').click()
    expect(await page.getByTestId('ending').innerText()).toContain('密码已修改')
    expect(mock.bodyOf('POST /password')).toEqual({ current: 'Rain-on-7-roofs', new: 'Snow-on-8-roofs' })
  })
})

describe('in English', () => {
  test('every page, and what the server says', async () => {
    await signIn(page, address)
    await button('切换语言：English').click()
    await page.getByRole('heading', { name: 'Candidates' }).waitFor()
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en')
    await inspect(page, '02-candidates-en')
    await page.getByRole('link', { name: 'Open candidate R0002' }).click()
    await page.getByRole('cell', { name: /The head is turned to one side/ }).waitFor()
    await inspect(page, '03-candidate-en')
    for (const [link, name] of [['People', '06-staff-en'], ['Audit log', '07-audit-en'], ['My password', '08-password-en']] as const) {
      await page.getByRole('navigation').getByRole('link', { name: link }).click()
      await page.getByRole('heading', { name: link }).waitFor()
      await page.getByText('Loading…').waitFor({ state: 'detached' })
      await inspect(page, name)
    }
    await button('Sign out').click()
    await page.getByText('You have signed out.').waitFor()
    await page.getByLabel('Account').fill('chen')
    await page.getByLabel('Password').fill('no')
    await page.getByLabel('Code').fill('000000')
    await button('Sign in').click()
    expect(await trouble().innerText()).toContain('Account, password or code is wrong.')
    await inspect(page, '01-sign-in-en')
    await page.reload()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })
})
