// The mini-program has no addresses.

export const openedAtStatus = (): boolean => false

export function leaveStatusAddress(): void {}
