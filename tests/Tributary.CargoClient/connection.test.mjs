// The vendor's own client against a running server: every method of its connection part that this server offers.
// TRIBUTARY_URL and TRIBUTARY_TOKEN say where and as whom.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, refusal } from "./client.mjs";

const { connection, workspaceManagement } = api();
const config = { base_url: "https://docs.example.com" };

const create = (slug, more = {}) =>
  connection.connector.create({ name: `Site ${slug}`, slug, integrationSlug: "ingestion_api", config: {}, ...more });

test("a connector is created with its dataset", async () => {
  const { connector, dataset } = await create("js_create", { rateLimit: { unit: "day", max: 123 } });
  assert.equal(connector.slug, "js_create");
  assert.deepEqual(connector.rateLimit, { unit: "day", max: 123, strategy: "burst" });
  assert.equal(connector.useCredits, false);
  assert.equal(connector.modelsCount, 0);
  assert.equal(dataset.kind, "connector");
  assert.equal(dataset.connectorUuid, connector.uuid);
  const mapped = await refusal(create("js_other", { integrationSlug: "nothing_like_it" }));
  assert.equal(mapped.type, "RequestError");
  assert.equal(mapped.reason, "integrationNotFound");
  assert.equal(mapped.status, 404);
  assert.equal((await refusal(create("js_create"))).reason, "duplicateSlug");
});

test("connectors are read, listed and looked up by slug", async () => {
  const { connector } = await create("js_read");
  assert.deepEqual((await connection.connector.get({ uuid: connector.uuid })).connector, connector);
  const { connectors } = await connection.connector.list({ integrationSlug: "ingestion_api" });
  assert.ok(connectors.some(({ uuid }) => uuid === connector.uuid));
  assert.deepEqual((await connection.connector.list({ integrationSlug: "web" })).connectors, []);
  assert.equal((await connection.connector.existsBySlug({ slug: "js_read" })).exists, true);
  assert.equal((await connection.connector.existsBySlug({ slug: "js_never" })).exists, false);
  const missing = await refusal(connection.connector.get({ uuid: crypto.randomUUID() }));
  assert.equal(missing.reason, "connectorNotFound");
});

test("a connector is changed in part", async () => {
  const { connector } = await create("js_update", { cacheTtlMilliseconds: 1000 });
  const changed = await connection.connector.update({ uuid: connector.uuid, name: "New", isDefault: true });
  assert.equal(changed.connector.name, "New");
  assert.equal(changed.connector.isDefault, true);
  assert.equal(changed.connector.cacheTtlMilliseconds, 1000);
  const cleared = await connection.connector.update({ uuid: connector.uuid, cacheTtlMilliseconds: null });
  assert.equal(cleared.connector.cacheTtlMilliseconds, undefined);
  const missing = await refusal(connection.connector.update({ uuid: crypto.randomUUID(), name: "x" }));
  assert.equal(missing.reason, "connectorNotFound");
});

test("a removed connector is gone and its slug free", async () => {
  const { connector } = await create("js_remove");
  await connection.connector.remove(connector.uuid);
  assert.equal((await refusal(connection.connector.remove(connector.uuid))).reason, "connectorNotFound");
  assert.equal((await connection.connector.existsBySlug({ slug: "js_remove" })).exists, false);
  await create("js_remove");
});

test("there are no language models", async () => {
  const { connector } = await create("js_models");
  const refused = await refusal(connection.connector.getLanguageModels({ connectorUuid: connector.uuid }));
  assert.equal(refused.reason, "languageModelsNotSupported");
});

test("a wrong config is refused with every mistake", async () => {
  const refused = await refusal(
    create("js_wrong", { integrationSlug: "web", config: { ...config, web_connector_type: "sideways", nonsense: 1 } })
  );
  assert.equal(refused.reason, "invalidConfig");
  assert.deepEqual(refused.data.errors.map(({ path }) => path).sort(), ["config.nonsense", "config.web_connector_type"]);
});

test("the catalogue is listed, filtered and documented", async () => {
  const { integrations } = await connection.integration.list({ hasExtractors: true, search: "WEB" });
  const web = integrations.find(({ slug }) => slug === "web");
  assert.deepEqual(web.connector.config.schema, web.connector.config.jsonSchema);
  assert.equal(web.extractors.documents.mode.kind, "fetch");
  assert.equal((await connection.integration.get({ slug: "web" })).integration.name, web.name);
  assert.equal(typeof (await connection.integration.getDocumentation("web")), "string");
  assert.equal((await refusal(connection.integration.get({ slug: "nothing_like_it" }))).reason, "integrationNotFound");
  assert.deepEqual(await connection.nativeIntegration.get(), { nativeIntegration: { extractors: {}, actions: {} } });
});

test("a sign-in is refused where there is none", async () => {
  const refused = await refusal(connection.integration.initiateOauth({ slug: "web" }));
  assert.equal(refused.reason, "initiateOauthNotSupported");
  assert.equal(
    (await refusal(connection.integration.initiateOauth({ slug: "nothing_like_it" }))).reason,
    "integrationNotFound"
  );
  assert.equal((await refusal(connection.integration.completeOauth({ slug: "web", params: {} }))).type, "RequestError");
});

test("the workspace, its people, roles, folders and tokens", async () => {
  const all = await api().getInitialisation();
  assert.ok(Array.isArray(all.connectors) && Array.isArray(all.workflows));
  const { user } = await workspaceManagement.user.getCurrent();
  assert.equal(user.workspaceUuid, all.workspace.uuid);
  const { token } = await workspaceManagement.token.create({ name: "js", permissions: null });
  assert.equal((await api({ accessToken: token.token }).workspaceManagement.user.getCurrent()).user.uuid, user.uuid);
  const changed = await workspaceManagement.token.update({ uuid: token.uuid, name: "js 2" });
  assert.equal(changed.token.name, "js 2");
  assert.ok((await workspaceManagement.token.all()).tokens.every(({ token: shown }) => shown !== token.token));
  await workspaceManagement.token.remove(token.uuid);
  const ended = await refusal(api({ accessToken: token.token }).workspaceManagement.user.getCurrent());
  assert.equal(ended.type, "AuthorizationError");
  assert.equal((await workspaceManagement.role.all()).roles.length, 3);
  assert.deepEqual((await workspaceManagement.folder.all()).folders, []);
});

test("another workspace cannot be selected", async () => {
  const refused = await refusal(api({ workspaceUuid: crypto.randomUUID() }).connection.connector.list({}));
  assert.equal(refused.status, 403);
});
