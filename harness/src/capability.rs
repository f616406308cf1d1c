//! What the target is and what it says it can do, asked once before the first case.
//!
//! Discovery never judges: a server that says nothing is taken to support what a case needs, so that the case itself
//! shows what is wrong.

use crate::client::{Client, Stop, get};
use scim_lang::urn;
use scim_suite::{Need, ScimVersion};
use scim_transport::Reply;
use serde_json::Value;
use std::collections::BTreeMap;
use thiserror::Error;

/// Why no case can be run against the target.
#[derive(Debug, Error)]
pub enum TargetError {
    /// No connection, or no answer.
    #[error("{0}")]
    Silent(String),
    /// The credentials were refused.
    #[error(
        "the target answered {status} to GET /Users: it refuses these credentials{detail}; name the secret with \
         --bearer, --header or --basic, or set SCIM_TOKEN"
    )]
    Refused {
        /// 401 or 403.
        status: u16,
        /// What the target said about it, with a lead-in; empty if it said nothing.
        detail: String,
    },
    /// Something answers there, but it is no SCIM service provider.
    #[error(
        "the target does not speak SCIM: GET /ServiceProviderConfig answered {config} and GET /Users answered {users}; \
         check the base URL, which often ends in /scim/v2"
    )]
    NotScim {
        /// What came instead of the configuration.
        config: String,
        /// What came instead of users.
        users: String,
    },
    /// The journal cannot be written.
    #[error("the journal cannot be written: {0}")]
    Journal(#[source] std::io::Error),
}

/// What the target offers, as far as it says so.
#[derive(Debug, Clone, Default)]
pub(crate) struct Capabilities {
    /// Needs the target says it does not meet, with its words.
    unmet: BTreeMap<&'static str, String>,
    /// Whether it holds no user at all.
    pub(crate) is_empty: bool,
}

impl Capabilities {
    /// Returns why a case with these needs cannot be judged, or `None` if it can.
    pub(crate) fn unmet(&self, needs: &[Need]) -> Option<String> {
        let reasons: Vec<&str> =
            needs.iter().filter_map(|need| self.unmet.get(need.name()).map(String::as_str)).collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    /// Asks the target.
    pub(crate) async fn discover(client: &Client<'_>, version: ScimVersion) -> Result<Capabilities, TargetError> {
        let config = match version {
            ScimVersion::V2 => ask(client, version, "/ServiceProviderConfig").await?,
            // SCIM 1.1 has the plural (core schema 1.0 §10).
            ScimVersion::V1_1 => ask(client, version, "/ServiceProviderConfigs").await?,
        };
        let users = ask(client, version, "/Users?startIndex=1&count=1").await?;
        if matches!(users.status, 401 | 403) {
            let body = json(&users).unwrap_or_default();
            let detail = body.get("detail").and_then(Value::as_str).unwrap_or_default();
            return Err(TargetError::Refused { status: users.status, detail: quoted(detail, client.redactor()) });
        }
        let speaks = |reply: &Reply| json(reply).is_some();
        // Without a configuration and without users there is nothing to test, however well the errors are formed.
        let is_elsewhere = config.status != 200 && (users.status == 404 || (300..400).contains(&users.status));
        if !(speaks(&config) || speaks(&users)) || is_elsewhere {
            return Err(TargetError::NotScim { config: nature(&config), users: nature(&users) });
        }
        let groups = ask(client, version, "/Groups?startIndex=1&count=1").await?;

        let mut unmet = BTreeMap::new();
        if let Some(config) = json(&config).filter(|_| config.status == 200) {
            for need in Need::ALL {
                let feature = feature(need);
                if config.pointer(&format!("/{feature}/supported")) == Some(&Value::Bool(false)) {
                    unmet.insert(need.name(), format!("the server says {feature}.supported=false"));
                }
            }
        }
        if version == ScimVersion::V2 {
            let types = ask(client, version, "/ResourceTypes").await?;
            unmet.extend(undeclared(&types));
        }
        if matches!(groups.status, 404 | 405 | 501) {
            unmet.insert("groups", format!("the server answers {} to GET /Groups", groups.status));
        }
        Ok(Capabilities { unmet, is_empty: holds_nobody(&users) })
    }
}

/// Returns the needs that a server's resource types leave unmet; one that declares none says nothing about them.
///
/// Okta asks for roles and entitlements only where they are declared (Okta, "Build a SCIM 2.0 server with entitlements").
fn undeclared(types: &Reply) -> Vec<(&'static str, String)> {
    let list = json(types).filter(|_| types.status == 200);
    let resources = list.as_ref().and_then(|list| list.get("Resources")).and_then(Value::as_array);
    let mut unmet = Vec::new();
    let schema_of = |value: &Value| value.get("schema").and_then(Value::as_str).map(str::to_ascii_lowercase);
    let declares = |urn: &str| resources.into_iter().flatten().filter_map(schema_of).any(|schema| schema == urn);
    for (need, urn) in [
        (Need::Roles, "urn:okta:scim:schemas:core:1.0:role"),
        (Need::Entitlements, "urn:okta:scim:schemas:core:1.0:entitlement"),
    ] {
        if !declares(urn) {
            unmet.push((need.name(), format!("the server declares no {}", need.name())));
        }
    }
    let Some(resources) = resources.filter(|resources| !resources.is_empty()) else { return unmet };
    let is_user = |kind: &&Value| schema_of(kind).is_some_and(|schema| schema.eq_ignore_ascii_case(urn::USER));
    let extensions = |kind: &Value| kind.get("schemaExtensions").and_then(Value::as_array).cloned().unwrap_or_default();
    let has_enterprise = resources
        .iter()
        .filter(is_user)
        .flat_map(extensions)
        .filter_map(|extension| schema_of(&extension))
        .any(|schema| schema.eq_ignore_ascii_case(urn::ENTERPRISE_USER));
    if resources.iter().any(|kind| is_user(&kind)) && !has_enterprise {
        let reason = "the server's User does not declare the enterprise extension".to_owned();
        unmet.push((Need::EnterpriseUser.name(), reason));
    }
    unmet
}

/// Returns the need's name in a ServiceProviderConfig (RFC 7643 §5).
fn feature(need: Need) -> &'static str {
    match need {
        Need::ChangePassword => "changePassword",
        other => other.name(),
    }
}

async fn ask(client: &Client<'_>, version: ScimVersion, target: &str) -> Result<Reply, TargetError> {
    match client.send("discovery", get(version, target.to_owned())).await {
        Ok(answer) => Ok(answer.reply),
        Err(Stop::Failed { failure, .. }) => Err(TargetError::Silent(failure.to_string())),
        Err(Stop::Journal(cause)) => Err(TargetError::Journal(cause)),
        Err(Stop::Foreign { .. }) => unreachable!("a GET changes nothing"),
    }
}

fn json(reply: &Reply) -> Option<Value> {
    serde_json::from_slice(&reply.body).ok().filter(Value::is_object)
}

/// Returns whether a list answer shows an empty store; an answer that shows nothing is no reason to seed.
fn holds_nobody(users: &Reply) -> bool {
    let Some(list) = json(users).filter(|_| users.status == 200) else { return false };
    let resources = list.get("Resources").and_then(Value::as_array);
    let total = list.get("totalResults").map(|total| total.to_string().trim_matches('"').to_owned());
    resources.is_none_or(Vec::is_empty) && total.is_none_or(|total| total == "0")
}

/// Returns what a server says in brackets: scrubbed, short, and without anything that could steer a terminal.
fn quoted(text: &str, redactor: &scim_record::Redactor) -> String {
    const MOST: usize = 200;
    let shown: String = redactor.text(text).chars().filter(|letter| !letter.is_control()).take(MOST).collect();
    if shown.is_empty() { shown } else { format!(" ({shown})") }
}

/// Describes an answer in a few words of our own, since its text is not to be trusted.
fn nature(reply: &Reply) -> String {
    let kind = match reply.headers.get("content-type").and_then(|value| value.to_str().ok()) {
        _ if (300..400).contains(&reply.status) => "a redirect, which is not followed",
        Some(kind) if kind.contains("html") => "an HTML page",
        Some(_) if json(reply).is_some() => "a JSON object",
        Some(kind) if kind.contains("json") => "JSON that is no object",
        _ if reply.body.is_empty() => "no body",
        _ => "something other than JSON",
    };
    format!("{} with {kind}", reply.status)
}
