//! Tests that need more than one file of the room.

use super::load::Contract;

mod compare;
mod conform;
mod dialect;
mod find;
mod hostile;
mod load;
mod property;

fn contract(text: &str) -> Contract {
    Contract::parse(text, "test.yaml").unwrap()
}

/// A small service in OpenAPI 3.1, as a framework would describe it.
const NOTES: &str = r##"
openapi: 3.1.0
info: {title: Notes, version: 1.4.0}
servers: [{url: https://notes.example/api/v3}]
paths:
  /notes/{id}:
    get:
      operationId: readNote
      security: [{token: []}]
      responses:
        200:
          description: the note
          headers: {ETag: {required: true, schema: {type: string}}}
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Note'}
              example: {id: 0e0a5a1e-6d5b-4c39-9f0a-9d2f0d0a3c11, text: hello, mood: calm, at: '2024-05-01T10:00:00Z'}
        4XX: {$ref: '#/components/responses/Problem'}
  /notes/mine:
    get: {responses: {'200': {description: all, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Note'}}}}}}}
  /notes:
    post:
      security: [{token: []}]
      responses: {'201': {description: created, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}, '204': {description: none}}
  /export/{name}.{kind}:
    get: {responses: {'200': {description: any, content: {'*/*': {schema: {type: object}}}}}}
components:
  securitySchemes: {token: {type: http, scheme: Bearer}}
  responses:
    Problem: {description: problem, content: {application/problem+json: {schema: {type: object, required: [detail], properties: {detail: {type: string}}}}}}
  schemas:
    Note:
      type: object
      required: [id, text]
      additionalProperties: false
      properties:
        id: {type: string, format: uuid}
        text: {type: string, minLength: 1}
        mood: {enum: [calm, wild]}
        at: {type: string, format: date-time}
        owner: {anyOf: [{type: string}, {type: 'null'}]}
        replies: {type: array, items: {$ref: '#/components/schemas/Note'}}
"##;
