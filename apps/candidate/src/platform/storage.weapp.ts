// What the mini-program remembers across starts.
import Taro from '@tarojs/taro'

export function recall(key: string): string | null {
  const value: unknown = Taro.getStorageSync(key)
  return typeof value === 'string' && value !== '' ? value : null
}

/** `null` forgets. */
export function remember(key: string, value: string | null): void {
  if (value === null) Taro.removeStorageSync(key)
  else Taro.setStorageSync(key, value)
}
