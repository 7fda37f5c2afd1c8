// Browsers need styles of their own; the mini-program does not.
export {}
