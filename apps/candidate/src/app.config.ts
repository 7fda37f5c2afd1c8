export default defineAppConfig({
  pages: ['pages/index/index'],
  window: { navigationBarTitleText: '照验', navigationBarBackgroundColor: '#ffffff', navigationBarTextStyle: 'black' },
})
