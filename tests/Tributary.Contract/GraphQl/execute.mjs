// Executes queries against a vendor's schema. Lines of JSON on standard input and output:
//   in  {"query": …, "variables": …}             out {"result": {"data": …, "errors": …}}
//   in between, for every field of the root and every field with arguments:
//   out {"ask": 7, "type": …, "field": …, "parent": …, "args": …}      in {"answer": 7, "value": …}
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { buildSchema, defaultFieldResolver, execute, parse, specifiedRules, validate } from "graphql";

const schema = buildSchema(readFileSync(process.argv[2], "utf8"));
const waiting = new Map();
const documents = new Map();
let asked = 0;

const write = (message) => process.stdout.write(JSON.stringify(message) + "\n");

function resolve(parent, args, context, info) {
  const isRoot = info.parentType === schema.getQueryType();
  const given = parent?.[info.fieldName];
  if (!isRoot && (given !== undefined || info.parentType.getFields()[info.fieldName].args.length === 0)) {
    return defaultFieldResolver(parent, args, context, info);
  }
  const ask = ++asked;
  const answer = new Promise((done) => waiting.set(ask, done));
  write({ ask, type: info.parentType.name, field: info.fieldName, parent: parent ?? null, args });
  return answer;
}

// A query is parsed and validated once.
function prepared(query) {
  if (!documents.has(query)) {
    const document = parse(query);
    documents.set(query, { document, errors: validate(schema, document, specifiedRules) });
  }
  return documents.get(query);
}

async function run({ query, variables }) {
  try {
    const { document, errors } = prepared(query);
    return errors.length > 0
      ? { errors, isInvalid: true }
      : await execute({ schema, document, variableValues: variables ?? {}, fieldResolver: resolve });
  } catch (error) {
    return { errors: [{ message: String(error.message) }], isInvalid: true };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.answer !== undefined) {
    waiting.get(message.answer)(message.value);
    waiting.delete(message.answer);
  } else {
    run(message).then((result) => write({ result }));
  }
}
