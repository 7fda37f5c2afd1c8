// The desk captures in a browser.

export function deskTicket(): string | null {
  return null
}
