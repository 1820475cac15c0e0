//! Credentials of a step (`x-security`): the scheme that it names, of the contract or its own, and the values for it.

use base64::Engine as _;
use serde_json::Value;

use crate::drive::scenario::evaluate;
use crate::drive::scenario::fill::{Making, Unsendable};
use crate::drive::scenario::secrets::Strand;
use crate::drive::scenario::values::Form;
use crate::scenario::call::Promised;
use crate::scenario::serialise::encoded;
use crate::scenario::source::{Node, Tree};
use crate::scenario::template::embedded;

/// Adds the credentials that a step names.
pub(super) fn add(making: &mut Making<'_>, promised: Option<Promised<'_>>) -> Result<(), Unsendable> {
    let Some(node) = &making.standing.step.ours.security else {
        return Ok(());
    };
    let entries = match &node.tree {
        Tree::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    entries.iter().try_for_each(|entry| one(making, entry, promised))
}

fn one(making: &mut Making<'_>, entry: &Node, promised: Option<Promised<'_>>) -> Result<(), Unsendable> {
    let member = |key: &str| entry.member(key).map(|member| &member.node);
    let scheme = match (member("scheme"), member("schemeName").and_then(Node::text)) {
        (Some(own), _) => Some(own.value()),
        (None, Some(name)) => {
            let name = name.rsplit('.').next().unwrap_or(name);
            let document = promised.map(|promised| promised.contract.document());
            let schemes = document.and_then(|document| document.pointer("/components/securitySchemes"));
            schemes.and_then(|schemes| schemes.get(name)).cloned()
        }
        (None, None) => None,
    };
    let unknown = || Unsendable::Other("its `x-security` names no scheme of the contract".to_owned());
    let scheme = scheme.ok_or_else(unknown)?;
    let value = |key: &str| -> Result<Option<Value>, Unsendable> {
        let node = member("values").and_then(|values| values.member(key));
        let value = node.map(|node| evaluate::value(&node.node, &making.standing.scene, Form::Raw));
        Ok(value.transpose()?)
    };
    let text = |key: &str| {
        scheme
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    let lacking = |key: &str| Unsendable::Other(format!("its `x-security` has no value `{key}`"));
    match (text("type").as_str(), text("scheme").as_str()) {
        ("http", "basic") => {
            let user = value("username")?.ok_or_else(|| lacking("username"))?;
            let password = value("password")?.ok_or_else(|| lacking("password"))?;
            making.secrets.hide(&password, "password");
            let pair = format!("{}:{}", embedded(&user), embedded(&password));
            let coded = base64::engine::general_purpose::STANDARD.encode(pair.as_bytes());
            header(making, "authorization", "Basic ", &coded.into());
        }
        ("http", _) | ("oauth2" | "openidconnect", _) => {
            let token = match value("token")? {
                Some(token) => token,
                None => value("accessToken")?.ok_or_else(|| lacking("token"))?,
            };
            header(making, "authorization", "Bearer ", &token);
        }
        ("apikey", _) => {
            let key = value("apiKey")?.ok_or_else(|| lacking("apiKey"))?;
            let name = scheme
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            let begun = Strand::Open(format!("{name}="));
            match text("in").as_str() {
                "query" => {
                    let spelt = encoded(&embedded(&key), false);
                    making.query.push(vec![begun, Strand::held(&key, spelt, &name)]);
                }
                "cookie" => making
                    .cookies
                    .push(vec![begun, Strand::held(&key, embedded(&key), &name)]),
                _ => header(making, &name, "", &key),
            }
        }
        _ => {
            return Err(Unsendable::Other(
                "the scheme of its `x-security` is not supported".to_owned(),
            ));
        }
    }
    Ok(())
}

fn header(making: &mut Making<'_>, name: &str, before: &str, value: &Value) {
    let strands = vec![
        Strand::Open(before.to_owned()),
        Strand::held(value, embedded(value), name),
    ];
    making.headers.push((name.to_owned(), strands));
}
