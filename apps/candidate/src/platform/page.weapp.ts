// What a screen does to the mini-program's page around it: title and scrolling.
import Taro from '@tarojs/taro'

export function dress(_language: 'zh' | 'en', title: string): void {
  void Taro.setNavigationBarTitle({ title })
}

export function arrive(_headingId: string): void {
  void Taro.pageScrollTo({ scrollTop: 0, duration: 0 })
}

export function focusOn(_id: string): void {
  return
}
