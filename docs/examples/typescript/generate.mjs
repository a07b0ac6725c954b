// Makes taskhouse.d.ts of the OpenAPI document: node generate.mjs docs/openapi.yml
// The command openapi-typescript does the same, but takes files for text.
import { readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";

const blob = ts.factory.createTypeReferenceNode("Blob");

const nodes = await openapiTS(readFileSync(process.argv[2], "utf8"), {
  transform: (schema) => (schema.format === "binary" ? blob : undefined),
});
writeFileSync("taskhouse.d.ts", astToString(nodes));
