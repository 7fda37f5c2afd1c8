// What a screen does to the browser's page around it: title, language, focus, scrolling.

export function dress(language: 'zh' | 'en', title: string): void {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
  document.title = title
}

/** Moves a reader of the screen, and the keyboard, to the beginning of the new screen. */
export function arrive(headingId: string): void {
  window.scrollTo(0, 0)
  document.getElementById(headingId)?.focus({ preventScroll: true })
}

export function focusOn(id: string): void {
  document.getElementById(id)?.focus()
}
