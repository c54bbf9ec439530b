//! The JSON Schema of the inventory.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::kinds::KINDS;

/// The schema of one resource line of a snapshot: the envelope, and the attributes by type.
pub fn resource_schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let by_type: Vec<Value> = KINDS
        .iter()
        .map(|kind| {
            let data = (kind.schema)(&mut generator);
            json!({
                "if": { "properties": { "type": { "const": kind.name } } },
                "then": { "properties": { "data": data } }
            })
        })
        .collect();
    let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
    let cause = generator.subschema_for::<super::attr::Cause>();
    let unknown = json!({
        "type": "object",
        "properties": { "$unknown": cause },
        "required": ["$unknown"],
        "additionalProperties": false
    });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Portcullis inventory resource",
        "description": "One resource line of a snapshot. A field that is missing is unknown.",
        "type": "object",
        "properties": {
            "type": { "enum": names },
            "id": { "type": "string" },
            "account": { "type": "string", "pattern": "^[0-9]{12}$" },
            "region": { "type": "string" },
            "arn": { "type": "string" },
            "name": { "type": "string" },
            "tags": { "anyOf": [{ "type": "object", "additionalProperties": { "type": "string" } }, unknown] },
            "environment": { "anyOf": [{ "type": ["string", "null"] }, unknown] },
            "origin": { "enum": ["aws", "aws_json", "terraform", "cloudformation", "case"] },
            "data": { "type": "object" }
        },
        "required": ["type", "id", "account", "region", "data"],
        "additionalProperties": false,
        "allOf": by_type,
        "$defs": generator.definitions()
    })
}
