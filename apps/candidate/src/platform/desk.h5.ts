// The desk: the console opens the page with a ticket behind `#`, which never reaches a server's log and is taken out of the address at once.

let ticket: string | null = null

/** Called before Taro's router begins, which takes what is behind `#` for the name of a page. */
export function takeTicket(): void {
  const found = /^#desk=([\w-]{20,100})$/.exec(window.location.hash)
  if (!found) return
  ticket = found[1] ?? null
  window.history.replaceState(null, '', window.location.pathname)
}

/** The ticket that the page was opened with, told once. */
export function deskTicket(): string | null {
  const told = ticket
  ticket = null
  return told
}
