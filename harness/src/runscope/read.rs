//! Reads the parts of a step from the file.

use super::compare::Comparison;
use super::format::{Assertion, Body, Extraction, Send, Subject};
use super::path::Path;
use super::source::{FormatError, Node, Object, REMEDY, Span};
use super::template::Template;
use std::time::Duration;

/// Returns everything that may hold initial variables: the test itself and the environments that travel with it.
pub(super) fn environments<'f>(test: &Object<'f>) -> Result<Vec<Object<'f>>, FormatError> {
    let mut holders = vec![Object { node: test.node, members: test.members.clone() }];
    holders.extend(test.get("environment").map(|node| node.object("environment")).transpose()?);
    for node in test.array("environments")?.into_iter().take(1) {
        holders.push(node.object("environments")?);
    }
    Ok(holders)
}

/// Reads how long a pause is.
pub(super) fn duration(step: &Object<'_>) -> Result<Duration, FormatError> {
    let node = step.get("duration").ok_or_else(|| step.node.error("the pause has no `duration`", REMEDY))?;
    let seconds: Option<f64> = node.text("duration")?.parse().ok();
    let seconds = seconds
        .filter(|seconds| *seconds >= 0.0)
        .ok_or_else(|| node.error("the `duration` of a pause is no number of seconds", REMEDY))?;
    Ok(Duration::from_secs_f64(seconds.min(LONGEST_PAUSE)))
}

/// Returns why a request cannot be sent as Runscope would send it.
pub(super) fn hindrance(step: &Object<'_>) -> Result<Option<String>, FormatError> {
    if step.holds("skipped") {
        return Ok(Some("the file marks the step as skipped".to_owned()));
    }
    if scripts(step, "before_scripts")?.into_iter().next().is_some() {
        return Ok(Some(format!("a script may change the request before it is sent, and {SCRIPT}")));
    }
    for (name, what) in [
        ("multipart_form", "forms of several parts"),
        ("binary_body", "files as bodies"),
        ("graphql_body", "GraphQL requests"),
    ] {
        if step.holds(name) {
            return Ok(Some(format!("{what} are not sent")));
        }
    }
    let auth = step.get("auth").map(|node| node.object("auth")).transpose()?;
    let kind = auth.map(|auth| auth.text("auth_type")).transpose()?.flatten();
    Ok(kind.filter(|kind| kind != "basic").map(|kind| format!("the authentication `{kind}` is not known")))
}

/// Returns the variables a request step fills.
pub(super) fn brings(step: &Object<'_>) -> Result<Vec<String>, FormatError> {
    Ok(extractions(step)?.into_iter().map(|extraction| extraction.name).collect())
}

/// Reads a request step.
pub(super) fn send(step: &Object<'_>, method: String) -> Result<Send, FormatError> {
    let url = template(step, "url")?.expect("the caller has seen it");
    let body = match template(step, "body")?.or(template(step, "data")?) {
        Some(text) if text.literal() != Some("") => Body::Text(text),
        text => match (fields(step, "form")?, text, method.as_str()) {
            (fields, ..) if !fields.is_empty() => Body::Form(fields),
            (_, Some(text), "POST" | "PUT" | "PATCH") => Body::Text(text),
            _ => Body::None,
        },
    };
    Ok(Send {
        url,
        headers: fields(step, "headers")?,
        basic: basic(step)?,
        body,
        assertions: step.array("assertions")?.into_iter().map(assertion).collect::<Result<_, _>>()?,
        extractions: extractions(step)?,
        scripts: scripts(step, "scripts")?,
        method,
    })
}

fn basic(step: &Object<'_>) -> Result<Option<(Template, Template)>, FormatError> {
    let auth = step.get("auth").map(|node| node.object("auth")).transpose()?;
    let Some(auth) = auth.filter(|auth| auth.holds("auth_type")) else { return Ok(None) };
    let part = |name| template(&auth, name)?.map_or_else(|| Template::parse("", auth.node), Ok);
    Ok(Some((part("username")?, part("password")?)))
}

fn template(step: &Object<'_>, name: &str) -> Result<Option<Template>, FormatError> {
    step.get(name).map(|node| Template::parse(&node.text(name)?, node)).transpose()
}

/// Reads `{"name": "value"}` as well as `{"name": ["value", "value"]}`; Okta's files have both.
fn fields(step: &Object<'_>, name: &str) -> Result<Vec<(String, Template)>, FormatError> {
    let Some(node) = step.get(name) else { return Ok(Vec::new()) };
    if node.is_array() && !step.holds(name) {
        return Ok(Vec::new());
    }
    let mut fields = Vec::new();
    for (key, node) in node.object(name)?.members {
        let values = if node.is_array() { node.array(&key)? } else { vec![node] };
        for value in values {
            fields.push((key.clone(), Template::parse(&value.text(&key)?, value)?));
        }
    }
    Ok(fields)
}

/// Returns the scripts that are not blank.
fn scripts(step: &Object<'_>, name: &str) -> Result<Vec<(String, Span)>, FormatError> {
    let mut scripts = Vec::new();
    for node in step.array(name)? {
        let text = node.text(name)?;
        if !text.trim().is_empty() {
            scripts.push((text, node.span()));
        }
    }
    Ok(scripts)
}

fn extractions(step: &Object<'_>) -> Result<Vec<Extraction>, FormatError> {
    step.array("variables")?.into_iter().filter_map(|node| extraction(node).transpose()).collect()
}

fn assertion(node: Node<'_>) -> Result<Assertion, FormatError> {
    let assertion = node.object("an assertion")?;
    let (name, at) = required(&assertion, "comparison")?;
    let comparison = Comparison::named(&name).ok_or_else(|| {
        let known: Vec<&str> = Comparison::NAMES.into_iter().map(|(name, _)| name).collect();
        at.error(
            format!("`{name}` is no comparison this program knows"),
            format!("these are known: {}", known.join(", ")),
        )
    })?;
    let target = match assertion.get("value") {
        Some(value) => Template::parse(&value.text("value")?, value)?,
        None => Template::parse("", node)?,
    };
    let shown = [assertion.get("property").filter(|_| assertion.holds("property")), assertion.get("value"), Some(at)];
    let span = shown.into_iter().flatten().next().unwrap_or(node).span();
    Ok(Assertion { subject: subject(&assertion)?, comparison, target, span })
}

/// Reads an extraction; one without a name, as editors leave them behind, is none.
fn extraction(node: Node<'_>) -> Result<Option<Extraction>, FormatError> {
    let extraction = node.object("a variable")?;
    let Some(name) = extraction.text("name")?.filter(|name| !name.is_empty()) else { return Ok(None) };
    let span = extraction.get("property").filter(|_| extraction.holds("property")).unwrap_or(node).span();
    Ok(Some(Extraction { name, subject: subject(&extraction)?, span }))
}

fn subject(holder: &Object<'_>) -> Result<Subject, FormatError> {
    let (source, at) = required(holder, "source")?;
    let property = holder.text("property")?.unwrap_or_default();
    Ok(match source.as_str() {
        "response_status" => Subject::Status,
        "response_text" => Subject::Text,
        "response_time" => Subject::Time,
        "response_size" => Subject::Size,
        "response_headers" | "response_header" => Subject::Header(property),
        "response_json" => {
            let path = Path::parse(&property).map_err(|wrong| {
                let at = holder.get("property").unwrap_or(holder.node);
                at.error(format!("`{property}` is no path: {wrong}"), "write it like Resources[0].name.familyName")
            })?;
            Subject::Json(path, property)
        }
        _ => {
            return Err(at.error(
                format!("`{source}` is no source this program knows"),
                "these are known: response_status, response_json, response_headers, response_text, response_time, \
                 response_size",
            ));
        }
    })
}

fn required<'f>(holder: &Object<'f>, name: &str) -> Result<(String, Node<'f>), FormatError> {
    let node = holder.get(name).ok_or_else(|| holder.node.error(format!("`{name}` is missing"), REMEDY))?;
    Ok((node.text(name)?, node))
}

/// What is said of every script.
pub(super) const SCRIPT: &str = "scripts are not run";

/// What Runscope allows for a pause.
const LONGEST_PAUSE: f64 = 180.0;
