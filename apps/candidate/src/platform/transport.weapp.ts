// Requests from the mini-program, through WeChat's network interface to the server named at build time.
import Taro from '@tarojs/taro'
import { ConnectionLost } from '../api/problem'
import type { Picture } from './picture'

export interface Answer {
  status: number
  body: unknown
  retryAfter: string | null
}

const BASE = `${SERVER_ADDRESS}/api/v1`

const authorization = (token: string | null): Record<string, string> =>
  token === null ? {} : { Authorization: `Bearer ${token}` }

function headerOf(headers: Record<string, unknown> | undefined, name: string): string | null {
  const found = Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name)
  return found ? String(found[1]) : null
}

function parsed(data: unknown): unknown {
  if (typeof data !== 'string') return data
  try {
    return data === '' ? null : JSON.parse(data)
  } catch {
    return null
  }
}

export async function send(
  method: 'GET' | 'POST',
  path: string,
  token: string | null,
  content?: object,
): Promise<Answer> {
  try {
    const response = await Taro.request({
      url: BASE + path,
      method,
      data: content,
      header: { ...authorization(token), 'Content-Type': 'application/json' },
      timeout: 40_000,
    })
    return {
      status: response.statusCode,
      body: parsed(response.data),
      retryAfter: headerOf(response.header, 'retry-after'),
    }
  } catch {
    throw new ConnectionLost()
  }
}

export function upload(
  path: string,
  token: string | null,
  picture: Picture,
  onProgress: (share: number) => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const task = Taro.uploadFile({
      url: BASE + path,
      filePath: picture,
      name: 'file',
      header: authorization(token),
      timeout: 180_000,
      success: (response) =>
        resolve({
          status: response.statusCode,
          body: parsed(response.data),
          retryAfter: headerOf(response.header, 'retry-after'),
        }),
      fail: () => reject(new ConnectionLost()),
    })
    task.onProgressUpdate((now) => onProgress(now.progress / 100))
    task.catch(() => undefined)
  })
}

/** A stored picture as a temporary file's path. */
export async function fetchPicture(
  path: string,
  token: string | null,
): Promise<{ status: number; source: string | null }> {
  try {
    const response = await Taro.downloadFile({ url: BASE + path, header: authorization(token) })
    return { status: response.statusCode, source: response.statusCode === 200 ? response.tempFilePath : null }
  } catch {
    throw new ConnectionLost()
  }
}
