// The vendor's own client against a running server: every method of its storage part.
// TRIBUTARY_URL and TRIBUTARY_TOKEN say where and as whom. A small site on a loopback socket is what is read.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { api, refusal } from "./client.mjs";

const { connection, storage } = api();
const nothing = () => crypto.randomUUID();
const column = (slug, more = {}) => ({ slug, type: "string", label: slug, kind: "custom", ...more });
let site;
let connector;
let dataset;
let own;

before(async () => {
  site = http.createServer((request, response) => {
    if (request.url === "/robots.txt" || request.url === "/sitemap.xml") {
      response.writeHead(404).end();
      return;
    }

    response.setHeader("content-type", "text/html");
    response.end(`<title>Harbour</title><main><h1>Harbour</h1><p>The harbour closes at nine.</p></main>`);
  });
  await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
  const config = { base_url: `http://127.0.0.1:${site.address().port}/`, web_connector_type: "single" };
  ({ connector, dataset } = await connection.connector.create({
    name: "Harbour",
    slug: "harbour",
    integrationSlug: "web",
    config,
  }));
  own = (await storage.dataset.all()).datasets.find(({ kind }) => kind === "native");
});

after(() => site.close());

const create = (slug, more = {}) =>
  storage.model.create({
    slug,
    name: slug,
    datasetUuid: own.uuid,
    extractorSlug: "object",
    config: {},
    ...more,
  });

const ended = async (modelUuid) => {
  for (let i = 0; i < 600; i++) {
    const { runs } = await storage.run.list({ modelUuid });
    if (runs.length > 0 && !["pending", "running", "cancelling"].includes(runs[0].status)) {
      return runs[0];
    }

    await pause(50);
  }

  throw new Error("The run has not ended within 30 seconds.");
};

test("datasets are listed and read", async () => {
  const { datasets } = await storage.dataset.all();
  assert.deepEqual(
    datasets.map(({ slug, kind }) => [slug, kind]),
    [
      ["default", "native"],
      ["harbour", "connector"],
    ]
  );
  assert.deepEqual((await storage.dataset.get(dataset.uuid)).dataset, dataset);
  assert.equal((await refusal(storage.dataset.get(nothing()))).status, 404);
});

test("a documents model reads its source, and its records are the documents", async () => {
  const schedule = { type: "cron", cron: "@every 6h" };
  const { model } = await create("pages", { datasetUuid: dataset.uuid, extractorSlug: "documents", schedule });
  assert.equal(model.connectorUuid, connector.uuid);
  assert.equal(model.schedule.cron, "@every 6h");
  assert.equal((await ended(model.uuid)).status, "success");
  const { records } = await storage.record.list({
    modelUuid: model.uuid,
    limit: 10,
    offset: 0,
    sort: { kind: "desc", columnSlug: "_emitted_at" },
  });
  assert.equal(records[0]._title, "Harbour");
  const { record } = await storage.record.get({ modelUuid: model.uuid, id: records[0]._id });
  assert.match(record.text, /closes at nine/);
  const { rows } = await storage.query.execute({ query: "SELECT title FROM datasets_harbour.models_pages" });
  assert.deepEqual(rows, [{ title: "Harbour" }]);
  assert.equal((await refusal(storage.run.create({ modelUuid: model.uuid }))).reason, "upToDate");
  const { run } = await storage.run.create({ modelUuid: model.uuid, isReset: true });
  assert.equal(run.modelUuid, model.uuid);
  await ended(model.uuid);
  assert.equal((await refusal(storage.run.cancel(run.uuid))).reason, "runAlreadyFinished");
  assert.equal((await refusal(storage.run.cancel(nothing()))).reason, "runNotFound");
  assert.equal((await storage.model.refresh(model.uuid)).isRefreshing, true);
  await ended(model.uuid);
  assert.equal((await storage.run.list({ statuses: ["success"], limit: 2 })).runs.length, 2);
  const second = await refusal(create("more", { datasetUuid: dataset.uuid, extractorSlug: "documents" }));
  assert.equal(second.reason, "modelNotCompatible");
  const write = await refusal(storage.record.create({ modelUuid: model.uuid, data: {} }));
  assert.equal(write.reason, "incompatibleWithRecordAction");
  assert.equal((await refusal(connection.connector.remove(connector.uuid))).reason, "connectorIsUsedInModels");
  await storage.model.remove(model.uuid);
  assert.equal((await refusal(storage.model.get(model.uuid))).reason, "modelNotFound");
});

test("models are created, read, listed, changed and removed", async () => {
  const { model } = await create("companies", { description: "D" });
  assert.deepEqual((await storage.model.get(model.uuid)).model, model);
  assert.ok((await storage.model.all()).models.some(({ uuid }) => uuid === model.uuid));
  assert.equal((await storage.model.existsBySlug({ slug: "companies", datasetUuid: own.uuid })).exists, true);
  const changed = await storage.model.update({ uuid: model.uuid, name: "New", description: null });
  assert.equal(changed.model.name, "New");
  assert.equal(changed.model.description, undefined);
  const { ddl, language } = await storage.model.getDdl(model.uuid);
  assert.match(ddl, /^CREATE TABLE datasets_default\.models_companies/);
  assert.equal(language, "sqlite");
  assert.equal((await refusal(create("companies"))).reason, "duplicateSlug");
  assert.equal((await refusal(create("x", { datasetUuid: nothing() }))).reason, "datasetNotFound");
  assert.equal((await refusal(create("x", { extractorSlug: "unify" }))).reason, "modelNotCompatible");
  assert.equal((await refusal(create("x", { folderUuid: nothing() }))).reason, "folderNotFound");
  const documents = { datasetUuid: dataset.uuid, extractorSlug: "documents" };
  const cron = (text) => ({ ...documents, schedule: { type: "cron", cron: text } });
  assert.equal((await refusal(create("x", cron("@every 30s")))).reason, "scheduleIntervalTooShort");
  assert.equal((await refusal(create("x", cron("61 * * * *")))).reason, "failedToSchedule");
  const dbt = { ...documents, schedule: { type: "dbt", jobId: "1" } };
  assert.equal((await refusal(create("x", dbt))).reason, "scheduleNotCompatible");
  const preview = { datasetUuid: dataset.uuid, slug: "documents", config: {} };
  assert.equal((await refusal(storage.model.preview(preview))).reason, "integrationNotCompatible");
  assert.equal((await refusal(storage.model.previewCount(preview))).reason, "integrationNotCompatible");
  assert.equal((await refusal(storage.run.create({ modelUuid: model.uuid }))).reason, "modelNotCompatible");
  assert.equal((await refusal(storage.model.update({ uuid: nothing() }))).reason, "modelNotFound");
  assert.equal((await refusal(storage.model.refresh(nothing()))).reason, "modelNotFound");
  await storage.model.remove(model.uuid);
  assert.equal((await refusal(storage.model.remove(model.uuid))).reason, "modelNotFound");
});

test("records of a native model are written and queried", async () => {
  const modelUuid = (await create("people")).model.uuid;
  await storage.record.create({ modelUuid, data: { _id: "a", name: "Ada", age: 36 } });
  await storage.record.createBulk({ modelUuid, records: [{ data: { _id: "b", age: 1 } }, { data: { _id: "c" } }] });
  assert.equal((await storage.record.update({ modelUuid, id: "a", data: { age: 37 } })).record.age, 37);
  await storage.record.updateBulk({ modelUuid, records: [{ id: "b", data: { age: 2 } }] });
  await storage.record.remove({ modelUuid, id: "c" });
  const query = "SELECT _id, age FROM datasets_default.models_people ORDER BY age DESC";
  const { rows, isRefreshing } = await storage.query.execute({ query });
  assert.equal(isRefreshing, false);
  assert.deepEqual(rows, [
    { _id: "a", age: 37 },
    { _id: "b", age: 2 },
  ]);
  const { urls } = await storage.query.download({ query, format: "csv" });
  assert.equal(await (await fetch(urls[0])).text(), "_id,age\r\na,37\r\nb,2\r\n");
  assert.equal((await refusal(storage.query.execute({ query: "DROP TABLE models" }))).status, 400);
  assert.equal((await refusal(storage.query.download({ query, format: "parquet" }))).status, 400);
  assert.equal((await refusal(storage.record.get({ modelUuid, id: "x" }))).reason, "recordNotFound");
  assert.equal((await refusal(storage.record.update({ modelUuid, id: "x", data: {} }))).reason, "recordNotFound");
  assert.equal((await refusal(storage.record.list({ modelUuid: nothing() }))).reason, "modelNotFound");
  await storage.record.removeBulk({ modelUuid, ids: ["a", "b"] });
  assert.deepEqual((await storage.record.list({ modelUuid })).records, []);
});

test("columns are added, moved, listed and removed", async () => {
  const modelUuid = (await create("cities")).model.uuid;
  await storage.record.create({ modelUuid, data: { name: "Oslo" } });
  await storage.column.create({ modelUuid, column: column("one") });
  await storage.column.create({ modelUuid, column: column("two") });
  await storage.column.update({ modelUuid, column: column("one", { label: "First" }) });
  await storage.column.reorder({ modelUuid, columnSlug: "two", toIndex: 0 });
  assert.deepEqual((await storage.column.list({ modelUuid })).columns, ["name", "two", "one"]);
  assert.equal((await storage.column.existsBySlug({ modelUuid, columnSlug: "one" })).exists, true);
  const { results } = await storage.column.autocomplete({ modelUuid, column: column("name"), query: "os" });
  assert.deepEqual(results, [{ value: "Oslo", label: "Oslo" }]);
  const again = await refusal(storage.column.create({ modelUuid, column: column("one") }));
  assert.equal(again.reason, "duplicateSlug");
  const expression = { kind: "jsExpression", expression: "", instructTo: "a score", fromRecipe: false };
  const computed = column("ai", { kind: "computed", expression });
  assert.equal((await refusal(storage.column.create({ modelUuid, column: computed }))).reason, "aiExpressionNotAllowed");
  const far = await refusal(storage.column.reorder({ modelUuid, columnSlug: "two", toIndex: 7 }));
  assert.equal(far.reason, "invalidIndex");
  await storage.column.remove({ modelUuid, columnSlug: "one" });
  assert.equal((await refusal(storage.column.remove({ modelUuid, columnSlug: "one" }))).reason, "columnNotFound");
});

test("relationships are set, listed and read", async () => {
  const from = (await create("orders")).model.uuid;
  const to = (await create("customers")).model.uuid;
  const relationship = {
    fromModelUuid: from,
    fromColumnSlug: "customer",
    toModelUuid: to,
    toColumnSlug: "id",
    fromSelectedColumnSlugs: [],
    toSelectedColumnSlugs: [],
    relation: "manyToOne",
  };
  const { relationships } = await storage.relationship.set({ datasetUuid: own.uuid, relationships: [relationship] });
  assert.equal(relationships.length, 1);
  const { uuid } = relationships[0];
  assert.equal((await storage.relationship.all()).relationships[0].uuid, uuid);
  assert.equal((await storage.relationship.get(uuid)).relationship.toModelUuid, to);
  assert.equal((await refusal(storage.relationship.get(nothing()))).reason, "relationshipNotFound");
  const wrong = { datasetUuid: own.uuid, relationships: [{ ...relationship, toModelUuid: nothing() }] };
  assert.equal((await refusal(storage.relationship.set(wrong))).reason, "invalidRelationships");
});
