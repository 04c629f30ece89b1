// A custom integration's server: a small shop with customers. Node alone runs it; `npm run check` checks its types.
//
//   node server.js [port]     PORT 0 takes a free one; the address is printed as the first line
//   SECRET=…                  demands this secret as a bearer token
import { createServer } from "node:http";

/** @import { ActionResult, AuthenticateResult, Body, FetchResult, Manifest } from "./contract.d.ts" */

const secret = process.env.SECRET;
const pageSize = 2;

const customers = [
  { id: "1", name: "Ada", city: "London", spent: 120, changed: 1, notes: "Writes about engines." },
  { id: "2", name: "Grace", city: "New York", spent: 80, changed: 2, notes: "Found the first bug, a moth." },
  { id: "3", name: "Linus", city: "Helsinki", spent: 15, changed: 3, notes: "Prefers mail." },
  { id: "4", name: "Radia", city: "Boston", spent: 45, changed: 4, notes: "Spans trees." },
  { id: "5", name: "Jürgen", city: "München", spent: 0, changed: 5, notes: "Hört zu: 日本語も." },
];

/** How often each call was made; served at /calls for tests. @type {Record<string, number>} */
const calls = {};

/** @type {Manifest} */
const manifest = {
  name: "Example Shop",
  description: "Customers of a small shop.",
  color: "#336699",
  url: "https://shop.example.com",
  connector: {
    rateLimit: { unit: "second", max: 1000 },
    caching: { isCompatible: true },
    config: {
      jsonSchema: {
        type: "object",
        required: ["apiKey"],
        properties: {
          apiKey: { type: "string", minLength: 3 },
          region: { type: "string", enum: ["eu", "us"], default: "eu" },
          limits: { type: "object", properties: { pages: { type: "integer", minimum: 1 } } },
        },
        additionalProperties: false,
      },
      uiSchema: { apiKey: { "ui:widget": "password" } },
    },
  },
  actions: {
    greet: {
      name: "Greet",
      description: "Greets a customer.",
      caching: { isCompatible: true },
      config: {
        jsonSchema: {
          type: "object",
          required: ["name"],
          properties: { name: { type: "string", minLength: 1 }, loud: { type: "boolean" } },
        },
      },
    },
    export: {
      name: "Export",
      description: "Exports everything, which takes a few calls.",
      executing: { retry: { maximumAttempts: 10, initialInterval: 1, backoffCoefficient: 1 }, withRateLimit: false },
      config: { jsonSchema: { type: "object" } },
    },
    collect: {
      name: "Collect",
      description: "Collects page by page.",
      config: { jsonSchema: { type: "object" } },
    },
    approve: {
      name: "Approve",
      description: "Waits for a person.",
      config: { jsonSchema: { type: "object" } },
    },
    flaky: {
      name: "Flaky",
      description: "Fails twice, and works then.",
      retry: { maximumAttempts: 3, initialInterval: 1, backoffCoefficient: 1 },
      config: { jsonSchema: { type: "object" } },
    },
    refuse: {
      name: "Refuse",
      description: "Always refuses.",
      config: { jsonSchema: { type: "object" } },
    },
  },
  extractors: {
    customers: {
      name: "Customers",
      description: "All customers, page by page.",
      kind: "record",
      mode: { kind: "fetch", isIncremental: false },
      preview: "records",
      config: { jsonSchema: { type: "object", properties: { city: { type: "string" } } } },
    },
    changes: {
      name: "Changed customers",
      description: "Customers that have changed since the last run.",
      kind: "record",
      mode: { kind: "fetch", isIncremental: true, autoFetch: true, minIntervalInSeconds: 60 },
      preview: "count",
      fetching: { retry: { maximumAttempts: 5, initialInterval: 1 }, withRateLimit: false },
      config: { jsonSchema: { type: "object" } },
    },
  },
  autocompletes: {
    cities: {
      params: { jsonSchema: { type: "object", properties: { minimum: { type: "integer" } } } },
      cacheExpirationInSeconds: 600,
    },
  },
  dynamicSchemas: { customer: { params: { jsonSchema: { type: "object", required: ["kind"] } } } },
};

const columns = [
  { slug: "id", type: "string", label: "Id" },
  { slug: "name", type: "string", label: "Name" },
  { slug: "city", type: "string", label: "City" },
  { slug: "spent", type: "number", label: "Spent" },
  { slug: "changed", type: "number", label: "Changed" },
  { slug: "notes", type: "string", label: "Notes" },
];

/** @type {(rows: typeof customers, hasMore: boolean, meta?: object) => FetchResult} */
const page = (rows, hasMore, meta) => ({
  outcome: "fetched",
  kind: "record",
  columns,
  idColumnSlug: "id",
  titleColumnSlug: "name",
  textColumnSlug: "notes",
  records: rows.map((record) => ({ kind: "added", override: true, record })),
  hasMore,
  meta,
});

/** @type {Record<string, (body: Body) => object>} */
const endpoints = {
  "/authenticate": ({ connector }) =>
    /** @type {AuthenticateResult} */ (
      connector.config.apiKey === "wrong"
        ? { outcome: "error", reason: "unauthenticated", errorMessage: "This API key is not known." }
        : { outcome: "success", config: { region: connector.config.region ?? "eu" } }
    ),
  "/listUsers": () => [{ id: "1", email: "ada@example.com", firstName: "Ada" }],

  "/actions/greet/execute": ({ connector, config, isDryExecution }) =>
    /** @type {ActionResult} */ ({
      outcome: "executed",
      title: `Greeted ${config.name}`,
      data: {
        greeting: config.loud ? `HELLO ${config.name}` : `Hello ${config.name}`,
        region: connector.config.region,
        dry: isDryExecution,
      },
    }),
  "/actions/greet/validate": ({ config }) =>
    config.name === "nobody"
      ? { outcome: "notValid", errorMessage: "Nobody cannot be greeted." }
      : { outcome: "valid" },
  "/actions/export/execute": ({ meta }) => {
    const step = meta?.step ?? 0;
    return /** @type {ActionResult} */ (
      step < 3
        ? { outcome: "executing", meta: { step: step + 1 } }
        : { outcome: "executed", title: "Exported", data: { steps: step } }
    );
  },
  "/actions/collect/execute": ({ meta }) => {
    const at = meta?.at ?? 0;
    const some = customers.slice(at, at + pageSize).map((customer) => customer.name);
    return /** @type {ActionResult} */ (
      at + pageSize < customers.length
        ? { outcome: "moreToExecute", data: { names: some }, meta: { at: at + pageSize }, sleepMilliseconds: 1 }
        : { outcome: "executed", title: "Collected", data: { names: some } }
    );
  },
  "/actions/approve/execute": ({ meta }) =>
    /** @type {ActionResult} */ (
      meta?.asked
        ? { outcome: "executed", title: "Approved" }
        : { outcome: "waiting", timeoutMilliseconds: 60000, meta: { asked: true } }
    ),
  "/actions/flaky/execute": () => {
    if (calls["/actions/flaky/execute"] % 3 !== 0) {
      throw new Refusal(503, "Come again");
    }
    return { outcome: "executed", title: "Works" };
  },
  "/actions/refuse/execute": () => {
    throw new Refusal(422, "Not today");
  },

  "/extractors/customers/fetch": ({ config, meta, isDryFetch }) => {
    const wanted = customers.filter((customer) => !config.city || customer.city === config.city);
    const at = meta?.at ?? 0;
    const some = wanted.slice(at, at + pageSize);
    const hasMore = !isDryFetch && at + pageSize < wanted.length;
    return page(some, hasMore, { at: at + pageSize });
  },
  "/extractors/customers/count": ({ config }) => ({
    count: customers.filter((customer) => !config.city || customer.city === config.city).length,
  }),
  "/extractors/changes/fetch": ({ meta }) => {
    const since = meta?.since ?? 0;
    if (!meta?.ready && since === 0) {
      return { outcome: "fetching", kind: "record", meta: { ready: true } };
    }
    const some = customers.filter((customer) => customer.changed > since).slice(0, pageSize);
    const last = some.at(-1)?.changed ?? since;
    return page(some, customers.some((customer) => customer.changed > last), { since: last, ready: true });
  },
  "/extractors/changes/count": () => ({ count: customers.length }),
  "/extractors/changes/create": ({ config }) =>
    config.forbidden
      ? { outcome: "notCreated", errorMessage: "This is forbidden." }
      : { outcome: "created", extraConfig: { hook: "h1" } },
  "/extractors/changes/remove": () => ({}),

  "/autocompletes/cities": ({ params, value }) => ({
    results: customers
      .filter((customer) => customer.spent >= (params.minimum ?? 0))
      .filter((customer) => customer.city.toLowerCase().includes((value ?? "").toLowerCase()))
      .map((customer) => ({ label: customer.city, value: customer.city, parent: "Cities" })),
  }),
  "/dynamicSchemas/customer": ({ params }) => ({
    jsonSchema: { type: "object", properties: { [params.kind]: { type: "string" } } },
    uiSchema: {},
  }),
  "/initiateOauth": ({ workspaceUuid }) => ({ consentUrl: `https://shop.example.com/consent?w=${workspaceUuid}` }),
  "/completeOauth": ({ params }) => ({ value: `token-for-${params.code}`, extraValues: { region: "us" } }),
};

class Refusal extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const server = createServer(async (request, response) => {
  const path = new URL(request.url ?? "/", "http://localhost").pathname;
  calls[path] = (calls[path] ?? 0) + 1;
  /** @param {number} status @param {object} body */
  const answer = (status, body) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  try {
    if (path === "/calls") {
      return answer(200, calls);
    }
    if (secret && request.headers.authorization !== `Bearer ${secret}`) {
      return answer(401, { errorMessage: "The secret is wrong." });
    }
    if (request.method === "GET" && path === "/manifest") {
      return answer(200, manifest);
    }
    const endpoint = endpoints[path];
    if (request.method !== "POST" || !endpoint) {
      return answer(404, { errorMessage: "Not found" });
    }
    let text = "";
    for await (const part of request) {
      text += part;
    }
    answer(200, endpoint(JSON.parse(text || "{}")));
  } catch (error) {
    const status = error instanceof Refusal ? error.status : 500;
    answer(status, { errorMessage: error instanceof Refusal ? error.message : "Internal Server Error" });
  }
});

server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
});
