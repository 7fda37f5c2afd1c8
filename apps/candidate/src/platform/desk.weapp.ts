// The desk captures in a browser.

export function takeTicket(): void {}

export function deskTicket(): string | null {
  return null
}
