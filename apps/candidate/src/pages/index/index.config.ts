export default definePageConfig({ navigationBarTitleText: '照验' })
