//! `/_mock/hooks`: the hooks and what became of their requests.

use scim_record::Exchange;
use serde_json::{Value, json};

use super::record::Delivered;
use super::{HookCard, behaviour};
use crate::call::{Answer, Call};
use crate::error::{ApiError, Code};
use crate::page::{Size, limit};
use crate::world::World;

/// Shows the hooks, how the org delivers, and the deliveries after a number, oldest first.
pub(crate) fn show(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let limit = limit(call, Size { default: 100, most: 1000 })?;
    let after = match call.parameter("after") {
        Some(text) => text.parse().map_err(|_| ApiError::of(Code::InvalidPaging))?,
        None => 0,
    };
    let deliveries = world.hooks.deliveries.iter().filter(|delivered| delivered.number > after).take(limit);
    let deliveries: Vec<Value> = deliveries.map(|delivered| delivery(world, delivered)).collect();
    let hooks: Vec<Value> = world.hooks.cards.values().map(|card| hook(world, card)).collect();
    let behaviour = behaviour::shown(&world.hooks.behaviour);
    Ok(Answer::ok(json!({ "behaviour": behaviour, "hooks": hooks, "deliveries": deliveries })))
}

fn hook(world: &World, card: &HookCard) -> Value {
    let hook = &card.hook;
    json!({
        "id": hook.id,
        "name": hook.subscription.name,
        "status": hook.status.name(),
        "verificationStatus": hook.verification.name(),
        "waiting": card.untold(world.org.log()).count(),
        "busy": world.hooks.busy.contains(&hook.id),
    })
}

fn delivery(world: &World, delivered: &Delivered) -> Value {
    json!({
        "id": delivered.number,
        "at": world.moment(delivered.at),
        "hook": delivered.hook,
        "eventId": delivered.event_id,
        "eventTypes": delivered.event_types,
        "duplicate": delivered.is_duplicate,
        "delivered": delivered.failure.is_none(),
        "failure": delivered.failure,
        "attempts": delivered.attempts.iter().map(attempt).collect::<Vec<_>>(),
    })
}

fn attempt(exchange: &Exchange) -> Value {
    json!({
        "status": exchange.response.as_ref().map(|response| response.status),
        "milliseconds": exchange.timing.total_ms,
        "failure": exchange.failure.as_ref().map(ToString::to_string),
        "exchange": serde_json::to_value(exchange).expect("an exchange is text and numbers"),
    })
}
