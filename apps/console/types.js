// Writes src/api/schema.ts from the server's own description.
import { readFileSync, writeFileSync } from 'node:fs'
import openapiTS, { astToString } from 'openapi-typescript'

const description = JSON.parse(readFileSync(new URL('openapi.json', import.meta.url), 'utf8'))
writeFileSync(new URL('src/api/schema.ts', import.meta.url), astToString(await openapiTS(description, { emptyObjectsUnknown: true })))
