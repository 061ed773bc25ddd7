// Pure: the OpenAPI documents, in version 2 (Swagger) for all paths and in version 3, one document per group and version.
import { type Json, type JsonObject, models, quantityModel, type Schema } from './openapi-models.ts';
import { type Operation, operations, type Parameter } from './openapi-operations.ts';
import { metricsGroup, metricsVersion } from './request-info.ts';

export interface OpenApiDocuments {
  /** `/openapi/v2` */
  readonly v2: string;
  /** `/openapi/v3/PATH`, by path. */
  readonly v3: Readonly<Record<string, string>>;
}

/** `version` is ours. */
export function openApiDocuments(version: string): OpenApiDocuments {
  const info = { title: 'Headroom Metrics API', version };
  const documents = [...new Set(operations.map(({ document }) => document))];
  const swagger = {
    swagger: '2.0',
    info,
    paths: Object.fromEntries(operations.map((operation) => [operation.path, swaggerPath(operation)])),
    definitions: Object.fromEntries(Object.entries(models).map(([name, model]) => [name, swaggerSchema(model)])),
  };
  return {
    v2: JSON.stringify(swagger),
    v3: Object.fromEntries(documents.map((document) => [document, JSON.stringify(openApi(document, info))])),
  };
}

function openApi(document: string, info: JsonObject): JsonObject {
  const described = operations.filter((operation) => operation.document === document);
  const used = reachable(described.map(({ result }) => result));
  const schemas = Object.entries(models)
    .filter(([name]) => used.has(name))
    .map(([name, model]) => [name, name === quantityModel ? openQuantity(model) : openSchema(model)]);
  return {
    openapi: '3.0.0',
    info,
    paths: Object.fromEntries(described.map((operation) => [operation.path, openPath(operation)])),
    components: { schemas: Object.fromEntries(schemas) },
  };
}

/** The models, and those that they refer to. */
function reachable(names: readonly string[], found = new Set<string>()): ReadonlySet<string> {
  for (const name of names) {
    if (found.has(name)) continue;
    found.add(name);
    const references = JSON.stringify(models[name]).matchAll(/"\$ref":"([^"]+)"/g);
    reachable(
      Array.from(references, ([, reference = '']) => reference),
      found,
    );
  }
  return found;
}

function actionOf({ object }: Operation): JsonObject {
  if (object === undefined) return {};
  return {
    'x-kubernetes-action': object.action,
    'x-kubernetes-group-version-kind': { group: metricsGroup, version: metricsVersion, kind: object.kind },
  };
}

function withParameters(operation: Operation, get: JsonObject, declare: (parameter: Parameter) => Json): JsonObject {
  const { parameters } = operation;
  return parameters.length === 0 ? { get } : { get, parameters: parameters.map(declare) };
}

function requiredInPath({ in: place }: Parameter): JsonObject {
  return place === 'path' ? { required: true } : {};
}

// Version 2.

function swaggerPath(operation: Operation): JsonObject {
  const { description, consumes, produces, tag, id, result } = operation;
  const responses = { '200': { description: 'OK', schema: { $ref: `#/definitions/${result}` } } };
  const about = { description, consumes, produces, schemes: ['https'], tags: [tag], operationId: id };
  return withParameters(operation, { ...about, responses, ...actionOf(operation) }, (parameter) => ({
    uniqueItems: true,
    ...parameter,
    ...requiredInPath(parameter),
  }));
}

/** Has no defaults, and lets a description stand beside a reference. */
function swaggerSchema({ default: _default, ...schema }: Schema): JsonObject {
  return mapSchemas(schema, swaggerSchema, '#/definitions/');
}

// Version 3.

function openPath(operation: Operation): JsonObject {
  const { description, produces, tag, id, result } = operation;
  const schema = { $ref: `#/components/schemas/${result}` };
  const content = Object.fromEntries(produces.map((mediaType) => [mediaType, { schema }]));
  const get = {
    tags: [tag],
    description,
    operationId: id,
    responses: { '200': { description: 'OK', content } },
    ...actionOf(operation),
  };
  return withParameters(operation, get, (parameter) => {
    const { name, in: place, description: about, type } = parameter;
    return {
      name,
      in: place,
      description: about,
      ...requiredInPath(parameter),
      schema: { type, uniqueItems: true },
    };
  });
}

/** Nothing may stand beside a reference, so it moves into an allOf. What is required and simple has a default. */
function openSchema(schema: Schema): JsonObject {
  const { $ref: reference, ...rest } = mapSchemas(schema, openSchema, '#/components/schemas/');
  if (reference === undefined) return withDefaults(rest);
  return Object.keys(rest).length === 0 ? { $ref: reference } : { ...rest, allOf: [{ $ref: reference }] };
}

const simpleDefaults: Readonly<Record<string, Json>> = { string: '', boolean: false };

function withDefaults(schema: JsonObject): JsonObject {
  const { required, properties } = schema;
  if (!Array.isArray(required) || !isObject(properties)) return schema;
  const entries = Object.entries(properties).map(([name, property]) => {
    const type = isObject(property) && required.includes(name) ? property['type'] : undefined;
    const fallback = typeof type === 'string' ? simpleDefaults[type] : undefined;
    return [name, fallback === undefined || !isObject(property) ? property : { ...property, default: fallback }];
  });
  return { ...schema, properties: Object.fromEntries(entries) };
}

/** Amounts may be written as numbers too. */
function openQuantity({ description = '' }: Schema): JsonObject {
  return { description, oneOf: [{ type: 'string' }, { type: 'number' }] };
}

/** Converts the schemas inside of one, and turns the names of models into references. */
function mapSchemas(schema: Schema, convert: (schema: Schema) => JsonObject, prefix: string): JsonObject {
  const { $ref: model, items, additionalProperties, properties, ...rest } = schema;
  return {
    ...rest,
    ...(typeof model === 'string' ? { $ref: prefix + model } : {}),
    ...(isObject(items) ? { items: convert(items) } : {}),
    ...(isObject(additionalProperties) ? { additionalProperties: convert(additionalProperties) } : {}),
    ...(isObject(properties) ? { properties: mapValues(properties, convert) } : {}),
  };
}

function mapValues(schemas: JsonObject, convert: (schema: Schema) => JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, isObject(schema) ? convert(schema) : schema]),
  );
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && !Array.isArray(value);
}
