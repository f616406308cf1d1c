//! Event hooks. What they deliver is in `hooks`.

use mock_okta::hook::{AuthScheme, Channel, EventHook, HookSecret, HookStatus, Subscription, VerificationStatus};
use mock_okta::okta_id;
use mock_okta::org::{Actor, EventType, LogOutcome};
use scim_transport::Target;
use serde_json::{Map, Value, json};

use super::{inner, required, text};
use crate::call::{Answer, Call};
use crate::error::ApiError;
use crate::world::World;

/// Lists every hook; Okta has no pages here.
pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let hooks = world.hooks.cards.values().map(|card| draw(world, &card.hook, &call.origin));
    Ok(Answer::ok(Value::Array(hooks.collect())))
}

/// Creates a hook. It is active, and nothing is delivered until it is verified.
pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let subscription = read_subscription(&call.object()?, None, &world.hooks.plain_hosts)?;
    let id = fresh_id(world, &subscription.name);
    world.hooks.add(EventHook::new(id.clone(), subscription, world.org.now()));
    log(world, EventType::HookCreate, &id);
    answer(world, &id, call)
}

/// Returns a hook.
pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    answer(world, call.variable(0), call)
}

/// Replaces a hook. With another channel it has to be verified again.
pub(crate) fn replace(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = call.variable(0).to_owned();
    let known = world.hooks.find(&id)?.subscription.channel.clone();
    let subscription = read_subscription(&call.object()?, Some(&known), &world.hooks.plain_hosts)?;
    let now = world.org.now();
    world.hooks.find_mut(&id)?.replace(subscription, now);
    log(world, EventType::HookUpdate, &id);
    answer(world, &id, call)
}

/// Deletes a hook that is not active.
pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = call.variable(0).to_owned();
    if world.hooks.find(&id)?.status == HookStatus::Active {
        return Err(ApiError::validation("eventHook", "an active event hook cannot be deleted; deactivate it first"));
    }
    log(world, EventType::HookDelete, &id);
    world.hooks.cards.shift_remove(&id);
    Ok(Answer::nothing())
}

/// Activates a hook. Its receiver learns of what happens from here on.
pub(crate) fn activate(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    switch(world, call, HookStatus::Active, EventType::HookActivate)
}

/// Deactivates a hook.
pub(crate) fn deactivate(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    switch(world, call, HookStatus::Inactive, EventType::HookDeactivate)
}

/// Verifies a hook by what its receiver answered to the challenge, which was sent before.
pub(crate) fn verify(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = call.variable(0).to_owned();
    let is_refused = |cause: String| ApiError::validation("verifyEventHook", format!("channel.config.uri: {cause}"));
    match world.hooks.find_mut(&id)?.verdict.take() {
        Some(Ok(())) => {}
        Some(Err(cause)) => return Err(is_refused(cause)),
        None => return Err(is_refused("the receiver could not be asked".to_owned())),
    }
    let hook = world.hooks.find(&id)?;
    if hook.status == HookStatus::Active && !hook.is_live() {
        check_room(world)?;
    }
    let was_live = hook.is_live();
    let now = world.org.now();
    let end = world.org.log().len() as u64;
    let card = world.hooks.find_mut(&id)?;
    (card.hook.verification, card.hook.last_updated) = (VerificationStatus::Verified, now);
    if !was_live {
        card.begin_at(end);
    }
    log(world, EventType::HookVerify, &id);
    answer(world, &id, call)
}

/// Returns the id of a hook that is to be.
pub(crate) fn fresh_id(world: &mut World, name: &str) -> String {
    let key = world.fresh_key(&format!("hook/{name}"));
    okta_id(format!("{}/{key}", world.name)).replacen("00u", "who", 1)
}

/// Checks where a channel leads: https, or plain http to this machine and hosts the seed allows.
pub(crate) fn check_uri(uri: &str, plain_hosts: &[String]) -> Result<(), String> {
    let target = Target::endpoint(uri).map_err(|error| error.to_string())?;
    let is_allowed = plain_hosts.iter().any(|host| host.eq_ignore_ascii_case(target.host()));
    if target.is_https() || target.is_loopback() || is_allowed {
        return Ok(());
    }
    Err("it is not https; plain http goes to this machine only, and to the seed's plain-hosts".to_owned())
}

fn switch(world: &mut World, call: &Call, to: HookStatus, event_type: EventType) -> Result<Answer, ApiError> {
    let id = call.variable(0).to_owned();
    let hook = world.hooks.find(&id)?;
    if hook.status == to {
        return answer(world, &id, call);
    }
    if to == HookStatus::Active && hook.verification == VerificationStatus::Verified {
        check_room(world)?;
    }
    let (now, end) = (world.org.now(), world.org.log().len() as u64);
    let card = world.hooks.find_mut(&id)?;
    (card.hook.status, card.hook.last_updated) = (to, now);
    if to == HookStatus::Active {
        card.begin_at(end);
    }
    log(world, event_type, &id);
    answer(world, &id, call)
}

/// Okta: Event hooks, "Limits": so many may be active and verified.
fn check_room(world: &World) -> Result<(), ApiError> {
    let most = mock_okta::hook::MOST_HOOKS;
    let cause = format!("an org has at most {most} event hooks that are active and verified");
    if world.hooks.has_room() { Ok(()) } else { Err(ApiError::validation("eventHook", cause)) }
}

fn log(world: &mut World, event_type: EventType, id: &str) {
    world.log_hook(Actor::Administrator, event_type, id, LogOutcome::Success);
}

fn read_subscription(
    body: &Map<String, Value>,
    known: Option<&Channel>,
    plain_hosts: &[String],
) -> Result<Subscription, ApiError> {
    let name = required(body, "name")?.to_owned();
    let description = text(body, "description")?.map(str::to_owned);
    let events = part(body, "events")?;
    if required(events, "type")? != "EVENT_TYPE" {
        return Err(ApiError::validation("events.type", "events.type: it is not EVENT_TYPE"));
    }
    if events.get("filter").is_some_and(|filter| !filter.is_null()) {
        return Err(ApiError::validation("events.filter", "events.filter: the mock org knows no filters"));
    }
    let channel = read_channel(part(body, "channel")?, known)?;
    let subscription = Subscription { name, description, event_types: read_types(events)?, channel };
    let mut causes: Vec<String> = subscription.check().iter().map(ToString::to_string).collect();
    if let Err(cause) = check_uri(&subscription.channel.uri, plain_hosts)
        && !causes.iter().any(|told| told.starts_with("channel.config"))
    {
        causes.push(format!("channel.config.uri: {cause}"));
    }
    let mut causes = causes.into_iter();
    match causes.next() {
        None => Ok(subscription),
        Some(first) => Err(causes.fold(ApiError::validation("eventHook", first), ApiError::because)),
    }
}

fn read_types(events: &Map<String, Value>) -> Result<Vec<String>, ApiError> {
    let refused = || ApiError::validation("events.items", "events.items: it is no list of event types");
    let items = events.get("items").and_then(Value::as_array).ok_or_else(refused)?;
    items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(refused)).collect()
}

fn read_channel(channel: &Map<String, Value>, known: Option<&Channel>) -> Result<Channel, ApiError> {
    for (key, wanted) in [("type", "HTTP"), ("version", "1.0.0")] {
        if required(channel, key)? != wanted {
            return Err(ApiError::validation(format!("channel.{key}"), format!("channel.{key}: it is not {wanted}")));
        }
    }
    let config = part(channel, "config")?;
    Ok(Channel {
        uri: required(config, "uri")?.trim().to_owned(),
        headers: read_headers(config)?,
        auth: inner(config, "authScheme")?.map(|auth| read_auth(auth, known)).transpose()?,
    })
}

fn read_headers(config: &Map<String, Value>) -> Result<Vec<(String, HookSecret)>, ApiError> {
    let refused = || ApiError::validation("channel.config.headers", "channel.config.headers: it is no list of headers");
    let headers = match config.get("headers") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(headers)) if headers.len() <= MOST_HEADERS => headers,
        Some(_) => return Err(refused()),
    };
    let header = |header: &Value| {
        let header = header.as_object().ok_or_else(refused)?;
        let value = text(header, "value")?.unwrap_or_default().to_owned();
        Ok((required(header, "key")?.to_owned(), HookSecret(value)))
    };
    headers.iter().map(header).collect()
}

/// Reads how Okta proves who it is. The value is written and never shown, so one that is left out stays as it was.
fn read_auth(auth: &Map<String, Value>, known: Option<&Channel>) -> Result<AuthScheme, ApiError> {
    if required(auth, "type")? != "HEADER" {
        return Err(ApiError::validation("authScheme.type", "channel.config.authScheme.type: it is not HEADER"));
    }
    let key = required(auth, "key")?.to_owned();
    let known = known.and_then(|channel| channel.auth.as_ref()).filter(|known| known.key.eq_ignore_ascii_case(&key));
    let value = match (text(auth, "value")?, known) {
        (None, Some(known)) => known.value.clone(),
        _ => HookSecret(required(auth, "value")?.to_owned()),
    };
    Ok(AuthScheme { key, value })
}

fn part<'a>(body: &'a Map<String, Value>, key: &str) -> Result<&'a Map<String, Value>, ApiError> {
    inner(body, key)?.ok_or_else(|| ApiError::validation(key, format!("{key}: The field cannot be left blank")))
}

fn answer(world: &World, id: &str, call: &Call) -> Result<Answer, ApiError> {
    Ok(Answer::ok(draw(world, world.hooks.find(id)?, &call.origin)))
}

/// Returns a hook as the API shows it: the secret of `authScheme` is written only.
fn draw(world: &World, hook: &EventHook, origin: &str) -> Value {
    let Subscription { name, description, event_types, channel } = &hook.subscription;
    let path = format!("{origin}/api/v1/eventHooks/{}", hook.id);
    let switch = if hook.status == HookStatus::Active { "deactivate" } else { "activate" };
    let headers = channel.headers.iter().map(|(key, value)| json!({ "key": key, "value": value.0 }));
    let headers: Vec<Value> = headers.collect();
    let auth = channel.auth.as_ref().map(|auth| json!({ "type": "HEADER", "key": auth.key }));
    json!({
        "id": hook.id,
        "status": hook.status.name(),
        "verificationStatus": hook.verification.name(),
        "name": name,
        "description": description,
        "created": world.moment(hook.created),
        "createdBy": okta_id(format!("{}/administrator", world.name)),
        "lastUpdated": world.moment(hook.last_updated),
        "events": { "type": "EVENT_TYPE", "items": event_types, "filter": null },
        "channel": {
            "type": "HTTP",
            "version": "1.0.0",
            "config": { "uri": channel.uri, "headers": headers, "method": "POST", "authScheme": auth },
        },
        "_links": {
            "self": { "href": path },
            "verify": { "href": format!("{path}/lifecycle/verify"), "hints": { "allow": ["POST"] } },
            switch: { "href": format!("{path}/lifecycle/{switch}"), "hints": { "allow": ["POST"] } },
        },
    })
}

const MOST_HEADERS: usize = 50;
