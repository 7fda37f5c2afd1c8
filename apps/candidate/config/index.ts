// How Taro builds the two faces of the one source: pages for phone browsers (dist/h5) and the WeChat mini-program (dist/weapp).
import { defineConfig, type UserConfigExport } from '@tarojs/cli'

const target = process.env.TARO_ENV ?? 'h5'

// Lengths are written as they are shown: Taro's unit conversion would need an inline script in the H5 page.
const lengthsAsWritten = { pxtransform: { enable: false, config: { targetUnit: 'vw' as const } } }

export default defineConfig<'vite'>(async () => {
  const config: UserConfigExport<'vite'> = {
    projectName: 'zhaoyan-candidate',
    date: '2025-11-23',
    designWidth: 375,
    deviceRatio: { 375: 1 },
    sourceRoot: 'src',
    outputRoot: `dist/${target}`,
    plugins: [],
    // Where the mini-program finds the server, as https://host; pages in a browser come from it.
    defineConstants: { SERVER_ADDRESS: JSON.stringify(process.env.TARO_APP_SERVER ?? '') },
    framework: 'react',
    compiler: 'vite',
    mini: { postcss: lengthsAsWritten },
    h5: {
      publicPath: '/',
      staticDirectory: 'static',
      // Drawings stay files: a strict content policy need not allow data: addresses for them.
      imageUrlLoaderOption: { limit: 0 },
      router: { mode: 'hash', customRoutes: { '/pages/index/index': '/' } },
      postcss: { autoprefixer: { enable: true, config: {} }, ...lengthsAsWritten },
    },
  }
  return config
})
