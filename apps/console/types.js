// Writes src/api/schema.ts from the server's own description.
import { readFileSync, writeFileSync } from 'node:fs'
import openapiTS, { astToString } from 'openapi-typescript'

const METHODS = new Set(['get', 'put', 'post', 'delete', 'patch', 'head', 'options'])
const description = JSON.parse(readFileSync(new URL('openapi.json', import.meta.url), 'utf8'))

for (const [path, operations] of Object.entries(description.paths)) {
  for (const [method, operation] of Object.entries(operations)) {
    if (!METHODS.has(method)) continue
    // Types are found by path; the ids are not unique, and would be declared twice.
    delete operation.operationId
    // A query's parameters are called a path's: those that the path does not name are put right.
    for (const parameter of operation.parameters ?? []) {
      if (parameter.in !== 'path' || path.includes(`{${parameter.name}}`)) continue
      parameter.in = 'query'
      parameter.required = false
    }
  }
}

writeFileSync(new URL('src/api/schema.ts', import.meta.url), astToString(await openapiTS(description, { emptyObjectsUnknown: true })))
