// Pictures on their way: their paths are kept, since WeChat keeps temporary files while the mini-program runs.
import type { Slot } from '../api/shapes'
import { bytesOf, type Picture } from './picture'
import { recall, remember } from './storage'

const key = (slot: Slot) => `zhaoyan.outbox.${slot}`

export async function keep(slot: Slot, picture: Picture): Promise<void> {
  remember(key(slot), picture)
}

export async function drop(slot: Slot): Promise<void> {
  remember(key(slot), null)
}

export async function dropAll(): Promise<void> {
  for (const slot of ['portrait', 'emblem', 'photo'] as const) remember(key(slot), null)
}

export async function kept(slot: Slot): Promise<Picture | null> {
  const path = recall(key(slot))
  return path !== null && (await bytesOf(path)) > 0 ? path : null
}
