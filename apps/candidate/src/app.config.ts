export default defineAppConfig({
  pages: ['pages/index/index'],
  lazyCodeLoading: 'requiredComponents',
  window: { navigationBarTitleText: '照验', navigationBarBackgroundColor: '#ffffff', navigationBarTextStyle: 'black' },
})
