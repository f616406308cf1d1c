//! Rules about /ServiceProviderConfig (RFC 7643 §5). Attributes that other RFCs and vendors add are welcome.

use super::Flaw;
use super::subject::{Subject, has_schema, is_assigned};
use scim_lang::urn;
use serde_json::{Map, Value};

pub(super) fn message(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let config = object(subject)?;
    if has_schema(config, urn::LIST_RESPONSE) || config.get("Resources").is_some() {
        return Ok(vec![Flaw::new("the configuration is a list, not one object")]);
    }
    if has_schema(config, urn::SERVICE_PROVIDER_CONFIG) {
        return Ok(Vec::new());
    }
    Ok(vec![Flaw::at("/schemas", &format!("does not hold {}", urn::SERVICE_PROVIDER_CONFIG))])
}

/// The printed schema forgets `etag`; the text requires it.
pub(super) fn features(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let config = object(subject)?;
    let names = ["patch", "bulk", "filter", "changePassword", "sort", "etag"];
    let wrong = names.into_iter().filter_map(|name| {
        let pointer = format!("/{name}/supported");
        match config.get(name).and_then(|feature| feature.get("supported")) {
            Some(Value::Bool(_)) => None,
            Some(_) => Some(Flaw::at(pointer, "is no boolean")),
            None => Some(Flaw::at(pointer, "is absent")),
        }
    });
    Ok(wrong.collect())
}

pub(super) fn limits(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let config = object(subject)?;
    let wrong = LIMITS.iter().filter_map(|(feature, limit)| {
        let pointer = format!("/{feature}/{limit}");
        match config.get(*feature).and_then(|feature| feature.get(*limit)) {
            Some(value) if is_count(value) => None,
            None | Some(Value::Null) => is_supported(config, feature).then(|| Flaw::at(pointer, "is absent")),
            Some(_) => Some(Flaw::at(pointer, "is no integer")),
        }
    });
    Ok(wrong.collect())
}

pub(super) fn limits_always(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let config = object(subject)?;
    let is_absent = |(feature, limit): &&(&str, &str)| {
        config.get(*feature).and_then(|feature| feature.get(*limit)).is_none_or(Value::is_null)
    };
    let missing = LIMITS.iter().filter(is_absent);
    Ok(missing.map(|(feature, limit)| Flaw::at(format!("/{feature}/{limit}"), "is absent")).collect())
}

pub(super) fn schemes(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let pointer = "/authenticationSchemes";
    let schemes = match object(subject)?.get("authenticationSchemes") {
        Some(Value::Array(schemes)) if schemes.is_empty() => return Ok(vec![Flaw::at(pointer, "is empty")]),
        Some(Value::Array(schemes)) => schemes,
        None | Some(Value::Null) => return Ok(vec![Flaw::at(pointer, "is absent")]),
        Some(_) => return Ok(vec![Flaw::at(pointer, "is no array")]),
    };
    let mut flaws = Vec::new();
    for (at, scheme) in schemes.iter().enumerate() {
        for name in ["type", "name", "description"] {
            if !scheme.get(name).is_some_and(|value| value.is_string() && value != "") {
                flaws.push(Flaw::at(format!("{pointer}/{at}/{name}"), "is no text"));
            }
        }
    }
    Ok(flaws)
}

pub(super) fn scheme_types(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    const KNOWN: [&str; 5] = ["oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"];
    let schemes = object(subject)?.get("authenticationSchemes").and_then(Value::as_array).into_iter().flatten();
    let is_known = |word: &str| KNOWN.iter().any(|known| known.eq_ignore_ascii_case(word));
    let strange = schemes
        .enumerate()
        .filter(|(_, scheme)| scheme.get("type").and_then(Value::as_str).is_some_and(|word| !is_known(word)));
    let flaw = |at: usize| {
        let pointer = format!("/authenticationSchemes/{at}/type");
        Flaw::at(pointer, "is no scheme that RFC 7643 §5 names").expecting(KNOWN.join(", "))
    };
    Ok(strange.map(|(at, _)| flaw(at)).collect())
}

/// RFC 9865 §4; a server without cursors says nothing about them.
pub(super) fn pagination(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let pagination = match object(subject)?.get("pagination").filter(|value| is_assigned(value)) {
        None => return Ok(Vec::new()),
        Some(Value::Object(pagination)) => pagination,
        Some(_) => return Ok(vec![Flaw::at("/pagination", "is no object")]),
    };
    let mut flaws = Vec::new();
    for name in ["cursor", "index"] {
        if !pagination.get(name).is_some_and(Value::is_boolean) {
            flaws.push(Flaw::at(format!("/pagination/{name}"), "is no boolean"));
        }
    }
    for name in ["defaultPageSize", "maxPageSize", "cursorTimeout"] {
        if pagination.get(name).is_some_and(|value| !value.is_null() && !is_count(value)) {
            flaws.push(Flaw::at(format!("/pagination/{name}"), "is no integer"));
        }
    }
    let method = pagination.get("defaultPaginationMethod").filter(|value| !value.is_null());
    if method.is_some_and(|word| !word.as_str().is_some_and(|word| ["cursor", "index"].contains(&word))) {
        flaws.push(Flaw::at("/pagination/defaultPaginationMethod", "is neither cursor nor index"));
    }
    Ok(flaws)
}

fn object<'s>(subject: &'s Subject<'_>) -> Result<&'s Map<String, Value>, Flaw> {
    if subject.reply.status >= 400 {
        let status = subject.reply.status;
        return Err(Flaw::new(format!("the server answered {status}, so there is no configuration to look at")));
    }
    subject.object()
}

fn is_supported(config: &Map<String, Value>, feature: &str) -> bool {
    config.get(feature).and_then(|feature| feature.get("supported")) == Some(&Value::Bool(true))
}

fn is_count(value: &Value) -> bool {
    value.as_number().is_some_and(|number| number.to_string().bytes().all(|digit| digit.is_ascii_digit()))
}

const LIMITS: [(&str, &str); 3] = [("bulk", "maxOperations"), ("bulk", "maxPayloadSize"), ("filter", "maxResults")];
