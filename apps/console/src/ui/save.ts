// Hands a file that was made in the page to the browser.

export function save(name: string, content: Blob): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}

/** Lets the browser fetch a file from a one-time address of the server; this page stays. */
export const fetchFile = (path: string): void => location.assign(path)
