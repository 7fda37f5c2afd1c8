// The mini-program's back key leaves the one page there is; where the candidate stands is kept by the server.

/** While `active`, back would call `close`: here it leaves the mini-program, which loses nothing. */
export function useBack(_active: boolean, _close: () => void): void {
  return
}
