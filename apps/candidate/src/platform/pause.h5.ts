// Waiting in a browser, cut short when the network or the candidate comes back.

/** Resolves after `seconds`; earlier when the network comes back, if `network` is what was missing. */
export function pause(seconds: number, network: boolean): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      window.removeEventListener('online', done)
      resolve()
    }
    const timer = setTimeout(done, seconds * 1000)
    if (network) window.addEventListener('online', done)
  })
}

/** Calls when the candidate looks at the page again, or the network is back. */
export function onReturn(call: () => void): void {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') call()
  })
  window.addEventListener('online', call)
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) call()
  })
}
