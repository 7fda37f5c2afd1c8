import js from '@eslint/js'
import hooks from 'eslint-plugin-react-hooks'
import ts from 'typescript-eslint'

export default ts.config(
  { ignores: ['dist', 'node_modules', '*.js', 'src/api/schema.ts'] },
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
