// Pictures in the mini-program: paths of temporary files. WeChat hands out originals, which are sent as they are.
import Taro from '@tarojs/taro'

export type Picture = string

/** What an image can show, until `forget`. */
export const preview = (picture: Picture): string => picture

export function forget(_source: string): void {
  return
}

export function bytesOf(picture: Picture): Promise<number> {
  return new Promise((resolve) => {
    Taro.getFileSystemManager().getFileInfo({
      filePath: picture,
      success: (info) => resolve(info.size),
      fail: () => resolve(0),
    })
  })
}

/** The picture as it should be sent. */
export const prepared = (picture: Picture): Promise<Picture> => Promise.resolve(picture)
