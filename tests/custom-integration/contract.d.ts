/** The contract between a platform and a custom integration's server, as far as this server speaks it. */

export interface Connector {
  uuid: string;
  workspaceUuid: string;
  config: { apiKey?: string; region?: string };
}

export interface RateLimit {
  unit: "second" | "minute" | "hour" | "day";
  max: number;
  strategy?: "spread" | "burst";
  resourceId?: string;
  config?: { jsonSchema: object };
}

export interface Schemas {
  jsonSchema: object;
  uiSchema?: object;
}

export interface Retry {
  maximumAttempts?: number;
  initialInterval?: number;
  backoffCoefficient?: number;
}

export interface Action {
  name: string;
  description: string;
  config: Schemas;
  rateLimits?: RateLimit[];
  isSerialized?: boolean;
  retry?: Retry;
  executing?: { retry: Retry; withRateLimit: boolean };
  caching?: { isCompatible: boolean };
}

export interface Extractor {
  name: string;
  description: string;
  kind: "record" | "query" | "file";
  config: Schemas;
  mode:
    | { kind: "fetch"; isIncremental: boolean; autoFetch?: boolean; minIntervalInSeconds?: number }
    | { kind: "ingest"; autoIngest?: boolean };
  preview: "none" | "records" | "count";
  retry?: Retry;
  fetching?: { retry: Retry; withRateLimit: boolean };
}

export interface Manifest {
  name: string;
  description: string;
  icon?: string;
  color?: string;
  url?: string;
  connector: { rateLimit?: RateLimit; config: Schemas; caching?: { isCompatible: boolean } };
  actions: Record<string, Action>;
  extractors: Record<string, Extractor>;
  autocompletes: Record<string, { params: Schemas; cacheExpirationInSeconds?: number }>;
  dynamicSchemas: Record<string, { params: Schemas }>;
}

export type AuthenticateResult =
  | { outcome: "success"; config?: object }
  | { outcome: "error"; reason: "unauthenticated"; errorMessage?: string };

export type ActionResult =
  | { outcome: "executed"; data?: object; title: string; unitsCount?: number; childIndex?: number }
  | { outcome: "executing"; meta?: object }
  | { outcome: "moreToExecute"; data?: object; meta?: object; sleepMilliseconds?: number }
  | { outcome: "waiting"; timeoutMilliseconds: number; meta?: object };

export interface FetchResult {
  outcome: "fetched" | "fetching";
  kind: "record";
  columns: { slug: string; type: string; label: string }[];
  idColumnSlug: string;
  titleColumnSlug: string;
  timeColumnSlug?: string;
  textColumnSlug?: string;
  records?: { kind: "added" | "updated" | "removed"; override: boolean; record: object }[];
  hasMore?: boolean;
  meta?: object;
}

export interface Body {
  connector: Connector;
  config: Record<string, any>;
  params: Record<string, any>;
  meta?: Record<string, any>;
  value?: string;
  isDryFetch?: boolean;
  isDryExecution?: boolean;
  workspaceUuid?: string;
}
