//! What happens to a user: the operations below `/lifecycle`.
//!
//! Which status an operation needs, and which error follows otherwise, is Okta's ("User lifecycle" in the Management
//! API). That a mock nobody signs in to has nobody locked out is ours.

use mock_okta::okta_id;
use mock_okta::org::{OrgEvent, PersonStatus};
use serde_json::{Value, json};

use super::users::{by_id, find};
use crate::call::{Answer, Call, View};
use crate::error::{ApiError, Code};
use crate::shape::user::status;
use crate::world::{SignIn, World};

/// Activates somebody who is staged or deactivated.
pub(crate) fn activate(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (id, send_email) = (find(world, call.variable(0))?, call.flag("sendEmail", true)?);
    match by_id(world, &id)?.status {
        PersonStatus::Staged | PersonStatus::Deprovisioned => start_work(world, &id)?,
        PersonStatus::Suspended => return Err(ApiError::of(Code::WrongStatus)),
        _ => return Err(ApiError::of(Code::AlreadyActive)),
    }
    Ok(Answer::ok(activation(&id, send_email, call)))
}

/// Makes somebody active, who chooses a password at the first sign-in if there is none.
pub(crate) fn start_work(world: &mut World, id: &str) -> Result<(), ApiError> {
    world.apply(OrgEvent::Activate { person: id.to_owned() })?;
    let now = world.org.now();
    let card = world.people.entry(id.to_owned()).or_default();
    card.activated = Some(now);
    card.sign_in = if card.password { SignIn::Ready } else { SignIn::Pending };
    Ok(())
}

/// Deactivates somebody.
pub(crate) fn deactivate(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let person = find(world, call.variable(0))?;
    world.apply(OrgEvent::Deactivate { person })?;
    Ok(nothing_to_say())
}

/// Sends the activation again to somebody who has not followed it.
pub(crate) fn reactivate(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (id, send_email) = (find(world, call.variable(0))?, call.flag("sendEmail", false)?);
    match status(world, by_id(world, &id)?) {
        "PROVISIONED" | "RECOVERY" => Ok(Answer::ok(activation(&id, send_email, call))),
        _ => Err(ApiError::of(Code::WrongStatus)),
    }
}

/// Suspends somebody.
pub(crate) fn suspend(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let person = find(world, call.variable(0))?;
    if status(world, by_id(world, &person)?) != "ACTIVE" {
        return Err(ApiError::validation("suspendUser", "Cannot suspend a user that is not active"));
    }
    world.apply(OrgEvent::Suspend { person })?;
    Ok(nothing_to_say())
}

/// Ends a suspension.
pub(crate) fn unsuspend(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let person = find(world, call.variable(0))?;
    if by_id(world, &person)?.status != PersonStatus::Suspended {
        return Err(ApiError::validation("unsuspendUser", "Cannot unsuspend a user that is not suspended"));
    }
    world.apply(OrgEvent::Unsuspend { person })?;
    Ok(nothing_to_say())
}

/// Refuses: nobody is locked out.
pub(crate) fn unlock(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    find(world, call.variable(0))?;
    Err(ApiError::of(Code::NotLocked))
}

/// Lets a password expire.
pub(crate) fn expire_password(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = renew(world, call, SignIn::Expired)?;
    Ok(Answer::ok(View::User(id)))
}

/// Replaces a password by one that expires with the next sign-in.
pub(crate) fn expire_password_with_temp_password(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = renew(world, call, SignIn::Expired)?;
    Ok(Answer::ok(json!({ "tempPassword": token(&id, world.acts.len()) })))
}

/// Sends the link for another password.
pub(crate) fn reset_password(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let send_email = call.flag("sendEmail", true)?;
    let id = renew(world, call, SignIn::Recovery)?;
    if send_email {
        return Ok(nothing_to_say());
    }
    let url = format!("{}/reset_password/{}", call.origin, token(&id, world.acts.len()));
    Ok(Answer::ok(json!({ "resetPasswordUrl": url })))
}

/// Resets the factors, of which there are none.
pub(crate) fn reset_factors(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = find(world, call.variable(0))?;
    expect_at_work(world, &id)?;
    Ok(nothing_to_say())
}

/// Notes that somebody who is at work needs another password.
fn renew(world: &mut World, call: &Call, sign_in: SignIn) -> Result<String, ApiError> {
    let id = find(world, call.variable(0))?;
    expect_at_work(world, &id)?;
    world.people.entry(id.clone()).or_default().sign_in = sign_in;
    Ok(id)
}

fn expect_at_work(world: &World, id: &str) -> Result<(), ApiError> {
    match by_id(world, id)?.status {
        PersonStatus::Active => Ok(()),
        _ => Err(ApiError::of(Code::WrongStatus)),
    }
}

/// Returns the activation where nobody is sent one.
fn activation(id: &str, send_email: bool, call: &Call) -> Value {
    if send_email {
        return json!({});
    }
    let token = token(id, 0);
    json!({ "activationUrl": format!("{}/welcome/{token}", call.origin), "activationToken": token })
}

/// Returns what would let somebody in, were there a way in.
fn token(id: &str, number: usize) -> String {
    okta_id(format!("token/{id}/{number}")).chars().skip(3).collect()
}

fn nothing_to_say() -> Answer {
    Answer::ok(json!({}))
}
