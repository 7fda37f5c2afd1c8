// The desk: the console opens the page with a ticket behind `#`, which never reaches a server's log and is taken out of the address at once.

export function deskTicket(): string | null {
  const found = /^#desk=([\w-]{20,100})$/.exec(window.location.hash)
  if (!found) return null
  window.history.replaceState(null, '', window.location.pathname)
  return found[1] ?? null
}
