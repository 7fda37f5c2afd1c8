// The mini-program's back key leaves the one page there is; where the candidate stands is kept by the server.

/** Nothing to take over here. */
export function takeOverBack(): void {
  return
}

/** While `active`, back would call `close`: here it leaves the mini-program, which loses nothing. */
export function useBack(_active: boolean, _close: () => void): void {
  return
}
