//! What the target is and what it says it can do, asked once before the first case.
//!
//! Discovery never judges: a server that says nothing is taken to support what a case needs, so that the case itself
//! shows what is wrong, unless it is something that no server need have. What no document of the server tells is asked by one request, if a case wants to know.

use crate::client::{Client, Stop, encode, get, request};
use crate::discovery::Discovery;
use scim_lang::urn;
use scim_suite::plan::Given;
use scim_suite::{Case, Need, ScimVersion};
use scim_transport::{Reply, Transport};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
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
    /// Credentials are asked for, and none were given.
    #[error(
        "the target answered {status} to GET /Users, and no credentials were sent{detail}; name the secret with --bearer, \
         --header or --basic, or set SCIM_TOKEN"
    )]
    Anonymous {
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

impl TargetError {
    /// Returns the same of a target that was asked over this line: what was not sent cannot have been refused.
    pub(crate) fn over(self, transport: &Transport) -> TargetError {
        match self {
            TargetError::Refused { status, detail } if !transport.has_credentials() => {
                TargetError::Anonymous { status, detail }
            }
            other => other,
        }
    }
}

/// What the target offers, as far as it says so.
#[derive(Debug, Clone, Default)]
pub(crate) struct Capabilities {
    /// Needs the target says it does not meet, with its words.
    unmet: BTreeMap<&'static str, String>,
    /// Those of them about which it says nothing at all.
    unsaid: BTreeSet<&'static str>,
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

    /// Returns why a case for servers that lack these things cannot be judged: this one does not say so.
    pub(crate) fn offered(&self, lacks: &[Need]) -> Option<String> {
        let says_no = |need: &Need| self.unmet.contains_key(need.name()) && !self.unsaid.contains(need.name());
        let offered = lacks.iter().find(|need| !says_no(need))?;
        Some(format!("the case is about servers without {offered}, and this one does not say it is one"))
    }

    /// Returns what can be asked of a receiver of event hooks, which says nothing about itself.
    pub(crate) fn of_receiver(transport: &Transport) -> Capabilities {
        let mut capabilities = Capabilities::default();
        if !transport.has_credentials() {
            let reason = "no secret was given, so the receiver may ask for none; name it with --secret";
            capabilities.unmet.insert(Need::Secret.name(), reason.to_owned());
        }
        capabilities
    }

    /// Asks the target, about the needs in `wanted` by a request for each where no document tells.
    pub(crate) async fn discover(
        client: &Client<'_>,
        version: ScimVersion,
        wanted: &BTreeSet<Need>,
    ) -> Result<Capabilities, TargetError> {
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
        let config = json(&config).filter(|_| config.status == 200);
        let is_said = |need: &Need| config.as_ref().is_some_and(|config| config.get(need.name()).is_some());
        let unsaid: BTreeSet<_> = OPTIONAL.iter().filter(|need| !is_said(need)).map(|need| need.name()).collect();
        unmet.extend(unsaid.iter().map(|need| (*need, format!("the server does not say {need}.supported=true"))));
        if let Some(config) = config {
            for need in Need::ALL {
                let Some(feature) = feature(need) else { continue };
                if config.pointer(&format!("/{feature}/supported")) == Some(&Value::Bool(false)) {
                    unmet.insert(need.name(), format!("the server says {feature}.supported=false"));
                }
            }
            unmet.extend(unannounced(&config));
        } else {
            // RFC 9865 §4: who pages by cursor says so; index paging needs no announcement.
            unmet.insert(Need::Cursor.name(), "the server does not say pagination.cursor=true".to_owned());
        }
        if version == ScimVersion::V2 {
            let types = ask(client, version, "/ResourceTypes").await?;
            unmet.extend(undeclared(&types));
            if types.status != 200 {
                unmet.insert(Need::ResourceTypes.name(), answered("GET /ResourceTypes", types.status));
            }
        }
        if matches!(groups.status, 404 | 405 | 501) {
            unmet.insert("groups", format!("the server answers {} to GET /Groups", groups.status));
        }
        for need in wanted {
            if let Some(reason) = probe(client, version, *need).await? {
                unmet.insert(need.name(), reason);
            }
        }
        Ok(Capabilities { unmet, unsaid, is_empty: holds_nobody(&users) })
    }
}

/// What a server need not have (RFC 7644 §3.4.2.3, §3.7, §3.14): where it says nothing of them it has not promised them.
const OPTIONAL: [Need; 3] = [Need::Sort, Need::Bulk, Need::Etag];

/// Returns what the cases need or lack.
pub(crate) fn wanted<'c>(cases: impl Iterator<Item = &'c Case>) -> BTreeSet<Need> {
    cases.flat_map(|case| case.needs.iter().chain(&case.lacks)).copied().collect()
}

/// Returns why a case that takes something for given cannot be judged: the server's schemas say otherwise.
pub(crate) fn not_given(discovery: &Discovery, given: &[Given]) -> Option<String> {
    given.iter().find_map(|given| {
        let Given { resource, attribute: path, characteristics, .. } = given;
        if discovery.resource_type(resource).is_none() {
            return Some(format!("the server has no resource type {resource}"));
        }
        let Some(attribute) = discovery.attribute(resource, path) else {
            let doubt = discovery.doubt().map(|doubt| format!(" ({doubt})")).unwrap_or_default();
            return Some(format!("the server's {resource} schema has no {path}{doubt}"));
        };
        characteristics.iter().find_map(|(characteristic, wanted)| {
            let found = attribute.characteristic(characteristic.name());
            let reason = || {
                let found = found.unwrap_or("something else");
                format!("the server's {resource} schema says {path} is {characteristic}={found}, not {wanted}")
            };
            (found != Some(wanted.as_str())).then(reason)
        })
    })
}

/// Asks for something that no document of a server tells, and returns why it is not there, if it is not.
///
/// Whatever else comes than the statuses for "no such thing" is for the cases to judge.
async fn probe(client: &Client<'_>, version: ScimVersion, need: Need) -> Result<Option<String>, TargetError> {
    let nobody = format!("{}-nobody", client.run());
    let search = format!(r#"{{"schemas":["{}"],"filter":"userName eq \"{nobody}\"","count":1}}"#, urn::SEARCH_REQUEST);
    let (asked, request, absent): (&str, _, &[u16]) = match need {
        Need::Me => ("GET /Me", get(version, "/Me".to_owned()), &NOT_THERE),
        Need::Schemas => ("GET /Schemas", get(version, "/Schemas".to_owned()), &NOT_THERE),
        Need::Search => {
            let request = request(version, "POST", "/Users/.search".to_owned(), Some(search.into_bytes()));
            ("POST /Users/.search", request, &NOT_THERE)
        }
        Need::RootQuery => {
            let filter = encode(&format!("userName eq \"{nobody}\""));
            ("GET /?filter=…", get(version, format!("/?filter={filter}")), &NOT_THERE)
        }
        // The id is nobody's, so a server that deletes answers 404.
        Need::Delete => ("DELETE of a user", request(version, "DELETE", format!("/Users/{nobody}"), None), &[405, 501]),
        _ => return Ok(None),
    };
    match client.send("discovery", request).await {
        Ok(answer) if absent.contains(&answer.reply.status) => Ok(Some(answered(asked, answer.reply.status))),
        Err(Stop::Journal(cause)) => Err(TargetError::Journal(cause)),
        // A server that hangs up or hangs here is for the cases to judge.
        Ok(_) | Err(Stop::Failed { .. } | Stop::Foreign { .. } | Stop::Withheld { .. }) => Ok(None),
    }
}

/// The statuses of a server without the endpoint.
const NOT_THERE: [u16; 3] = [404, 405, 501];

fn answered(asked: &str, status: u16) -> String {
    format!("{asked} answered {status}")
}

/// Returns the ways of paging that a configuration leaves out (RFC 9865 §4).
fn unannounced(config: &Value) -> Vec<(&'static str, String)> {
    let mut unmet = Vec::new();
    if config.pointer("/pagination/cursor") != Some(&Value::Bool(true)) {
        unmet.push((Need::Cursor.name(), "the server does not say pagination.cursor=true".to_owned()));
    }
    if config.pointer("/pagination/index") == Some(&Value::Bool(false)) {
        unmet.push((Need::IndexPaging.name(), "the server says pagination.index=false".to_owned()));
    }
    unmet
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

/// Returns the need's name in a ServiceProviderConfig (RFC 7643 §5), if it has one there.
fn feature(need: Need) -> Option<&'static str> {
    match need {
        Need::ChangePassword => Some("changePassword"),
        Need::Patch | Need::Filter | Need::Sort | Need::Etag | Need::Bulk => Some(need.name()),
        _ => None,
    }
}

async fn ask(client: &Client<'_>, version: ScimVersion, target: &str) -> Result<Reply, TargetError> {
    match client.send("discovery", get(version, target.to_owned())).await {
        Ok(answer) => Ok(answer.reply),
        Err(Stop::Failed { failure, .. }) => Err(TargetError::Silent(failure.to_string())),
        Err(Stop::Journal(cause)) => Err(TargetError::Journal(cause)),
        Err(Stop::Foreign { .. } | Stop::Withheld { .. }) => unreachable!("a GET of a first page changes nothing"),
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
