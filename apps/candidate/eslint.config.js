const js = require('@eslint/js')
const hooks = require('eslint-plugin-react-hooks')
const ts = require('typescript-eslint')

module.exports = ts.config(
  { ignores: ['dist', 'node_modules', '*.js'] },
  js.configs.recommended,
  ...ts.configs.strict,
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { 'react-hooks': hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      // The compiler checks what is unused; a leading underscore says that it is meant.
      '@typescript-eslint/no-unused-vars': 'off',
      'no-console': 'error',
    },
  },
)
