// Waiting in the mini-program, cut short when the network or the candidate comes back.
import Taro from '@tarojs/taro'

/** Resolves after `seconds`; earlier when the network comes back, if `network` is what was missing. */
export function pause(seconds: number, network: boolean): Promise<void> {
  return new Promise((resolve) => {
    const changed = (now: { isConnected: boolean }) => {
      if (now.isConnected) done()
    }
    const done = () => {
      clearTimeout(timer)
      Taro.offNetworkStatusChange(changed)
      resolve()
    }
    const timer = setTimeout(done, seconds * 1000)
    if (network) Taro.onNetworkStatusChange(changed)
  })
}

/** Calls when the candidate looks at the page again, or the network is back. */
export function onReturn(call: () => void): void {
  Taro.onAppShow(call)
  Taro.onNetworkStatusChange((now) => {
    if (now.isConnected) call()
  })
}
