// The page's own addresses in a browser.

/** Whether the page was opened to see what works. */
export const openedAtStatus = (): boolean => window.location.pathname === '/status'

/** From there the journey goes on under its own address. */
export function leaveStatusAddress(): void {
  if (openedAtStatus()) window.history.replaceState(window.history.state, '', `/${window.location.hash}`)
}
