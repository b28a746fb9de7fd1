// The typed client from openapi.json. Operations are found by path and method alone: their ids need not be unique for it.
import { readFileSync, writeFileSync } from 'node:fs';
import openapi, { astToString } from 'openapi-typescript';

const document = JSON.parse(readFileSync('openapi.json', 'utf8'));
for (const path of Object.values(document.paths)) {
  for (const operation of Object.values(path)) {
    if (typeof operation === 'object' && operation !== null) delete operation.operationId;
  }
}
const schema = astToString(await openapi(document, { alphabetize: true }));
writeFileSync('src/api/schema.d.ts', schema);
process.stdout.write(`src/api/schema.d.ts: ${Object.keys(document.paths).length} paths\n`);
