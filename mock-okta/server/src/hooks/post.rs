//! What a call needs from the network before it can be answered: the receiver's answer to the challenge.

use http::Method;
use mock_okta::hook::{challenge, verify};

use crate::call::{Call, decode};
use crate::shared::Shared;

/// Asks the receiver, if the call is one that verifies a hook. The call itself tells what came of it.
pub(crate) async fn prepare(shared: &Shared, call: &Call) {
    let Some(id) = verified_hook(call) else { return };
    let generation = shared.generation();
    let asked = shared.with_that(generation, |world| {
        let card = world.hooks.cards.get(&id)?;
        let sender = card.sender.clone();
        world.hooks.challenges += 1;
        Some((sender, challenge(&world.name, world.hooks.challenges)))
    });
    let Some(Some((sender, challenge))) = asked else { return };
    let verdict = match sender.challenge(&challenge).await.reply {
        Ok(reply) => verify(&challenge, reply.status, &reply.body).map_err(|error| error.to_string()),
        Err(failure) => Err(failure.to_string()),
    };
    shared.with_that(generation, |world| world.hook_answered(&id, verdict));
}

/// Returns the id in `POST /api/v1/eventHooks/{id}/lifecycle/verify`.
fn verified_hook(call: &Call) -> Option<String> {
    let rest = call.path.trim_end_matches('/').strip_prefix("/api/v1/eventHooks/")?;
    let id = rest.strip_suffix("/lifecycle/verify").filter(|id| !id.contains('/'))?;
    (call.method == Method::POST).then(|| decode(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_call_that_verifies_asks_a_receiver() {
        let call = |method, path: &str| Call::new(method, path, "", Vec::new(), "");
        let verify = "/api/v1/eventHooks/who1/lifecycle/verify";
        assert_eq!(verified_hook(&call(Method::POST, verify)).as_deref(), Some("who1"));
        assert_eq!(verified_hook(&call(Method::GET, verify)), None);
        for path in ["/api/v1/eventHooks/who1", "/api/v1/eventHooks/a/b/lifecycle/verify", "/api/v1/users/x"] {
            assert_eq!(verified_hook(&call(Method::POST, path)), None, "{path}");
        }
    }
}
