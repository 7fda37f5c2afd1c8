/// <reference types="@tarojs/taro" />
declare module '*.svg' {
  const address: string
  export default address
}
declare module '*.css'

/** The server's address, as the build was told. */
declare const SERVER_ADDRESS: string
