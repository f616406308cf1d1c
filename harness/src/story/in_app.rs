//! What happens in an app itself: somebody there makes or changes an account, and Okta is not told.

use super::Stage;
use super::side::{Broken, Kept};
use crate::client::{self, Answer, Stop};
use crate::run::RunError;
use crate::same::{Differs, differences};
use mock_okta::ScimVersion;
use scim_suite::story::{InApp, StoryApp};
use scim_suite::{JsonTemplate, Span};
use serde_json::{Map, Value};

impl Stage<'_> {
    /// Makes or changes an account behind Okta's back.
    ///
    /// Whatever the service provider does not take is no finding: Okta asks for none of it. The story goes on without it.
    pub(super) async fn change_in_app(
        &mut self,
        app: &StoryApp,
        who: &str,
        change: &InApp,
        _span: &Span,
    ) -> Result<(), RunError> {
        let at = self.at(app);
        self.world.bind(app, &mut self.sides[at].bindings);
        match change {
            InApp::Create(body) => self.create_in_app(at, who, body).await,
            InApp::Set(body) => self.set_in_app(at, who, body).await,
        }
    }

    async fn create_in_app(&mut self, at: usize, who: &str, body: &JsonTemplate) -> Result<(), RunError> {
        let body = self.fill_json(at, body);
        let outcome = self.ask(at, "POST", "/Users".to_owned(), Some(body.to_string())).await?;
        let side = &mut self.sides[at];
        match outcome.map(|answer| (answer.reply.status, user_of(&answer))) {
            Ok((200..=299, Some(user))) => {
                if let Some(id) = user.get("id").and_then(Value::as_str) {
                    side.first.insert(who.to_owned(), id.to_owned());
                }
            }
            Ok((status, _)) => {
                let reason = format!("POST /Users in the app itself answered {status}, and the story rests on it");
                side.broken = Some(Broken::Stopped(reason));
            }
            Err(broken) => side.broken = Some(broken),
        }
        Ok(())
    }

    /// Sends the server's own resource back with some members changed, and reads which of them it keeps.
    async fn set_in_app(&mut self, at: usize, who: &str, body: &JsonTemplate) -> Result<(), RunError> {
        let wanted = self.fill_json(at, body);
        let kept = match self.world.remote_id(self.sides[at].app, who) {
            Some(id) => self.put_in_app(at, &id, &wanted).await?,
            None => Ok(Kept::Nothing(format!("there was no account of {who} to change"))),
        };
        match kept {
            Ok(kept) => drop(self.sides[at].kept.insert(who.to_owned(), kept)),
            Err(broken) => self.sides[at].broken = Some(broken),
        }
        Ok(())
    }

    async fn put_in_app(&mut self, at: usize, id: &str, wanted: &Value) -> Result<Result<Kept, Broken>, RunError> {
        let target = format!("/Users/{}", client::encode(id));
        let before = match self.ask(at, "GET", target.clone(), None).await? {
            Ok(answer) => user_of(&answer).filter(|_| answer.reply.status == 200),
            Err(broken) => return Ok(Err(broken)),
        };
        let Some(mut user) = before else { return Ok(Ok(Kept::Nothing("the account could not be read".to_owned()))) };
        merge(&mut user, wanted);
        let status = match self.ask(at, "PUT", target.clone(), Some(user.to_string())).await? {
            Ok(answer) => answer.reply.status,
            Err(broken) => return Ok(Err(broken)),
        };
        if !(200..300).contains(&status) {
            return Ok(Ok(Kept::Nothing(format!(
                "the server answered {status} when it was changed in the app itself"
            ))));
        }
        Ok(match self.ask(at, "GET", target, None).await? {
            Ok(answer) => Ok(kept(wanted, &user_of(&answer).unwrap_or_default())),
            Err(broken) => Err(broken),
        })
    }

    /// Sends a request of the engine's own; the inner error is why nothing more can be done there.
    pub(super) async fn ask(
        &mut self,
        at: usize,
        method: &str,
        target: String,
        body: Option<String>,
    ) -> Result<Result<Answer, Broken>, RunError> {
        let side = &self.sides[at];
        let request = client::request(side.app.id.version, method, target, body.map(String::into_bytes));
        match side.client.send(IN_THE_APP, request).await {
            Ok(answer) => Ok(Ok(answer)),
            Err(Stop::Journal(cause)) => Err(RunError::Journal(cause)),
            Err(Stop::Failed { failure, .. }) => Ok(Err(Broken::Unreachable(failure.to_string()))),
            Err(Stop::Withheld { reason }) => Ok(Err(Broken::Stopped(reason))),
            Err(Stop::Foreign { request }) => Ok(Err(Broken::Stopped(format!("{request} would change a stranger's")))),
        }
    }

    fn fill_json(&self, at: usize, body: &JsonTemplate) -> Value {
        let bindings = &self.sides[at].bindings;
        let text = body.expand(&|name| bindings.get(name).or_else(|| Some(String::new())));
        let mut body: Value = serde_json::from_str(&text.expect("every hole has a value")).unwrap_or_default();
        if let (ScimVersion::V2, Value::Object(members)) = (self.sides[at].app.id.version, &mut body)
            && members.contains_key("userName")
        {
            members.entry("schemas").or_insert_with(|| serde_json::json!([scim_lang::urn::USER]));
        }
        body
    }
}

fn user_of(answer: &Answer) -> Option<Value> {
    serde_json::from_slice(&answer.reply.body).ok().filter(Value::is_object)
}

/// Returns what the server holds of what was wanted.
fn kept(wanted: &Value, found: &Value) -> Kept {
    let mut members = wanted.as_object().cloned().unwrap_or_default();
    members.retain(|name, value| {
        let alone = |value: &Value| Value::Object(Map::from_iter([(name.clone(), value.clone())]));
        let lost = |difference: &crate::same::Difference| difference.kind != Differs::Added;
        !value.is_null() && !differences(&alone(value), found, &[]).iter().any(lost)
    });
    match members.is_empty() {
        true => Kept::Nothing("the server keeps nothing of what was changed in the app itself".to_owned()),
        false => Kept::Members(members),
    }
}

/// JSON Merge Patch (RFC 7396 §2).
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(members) = target else { return };
    for (name, change) in changes {
        match change {
            Value::Null => drop(members.shift_remove(name)),
            change => merge(members.entry(name.clone()).or_insert(Value::Null), change),
        }
    }
}

/// The step name of what happens behind Okta's back.
const IN_THE_APP: &str = "in the app";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_merge_patch_changes_adds_and_removes() {
        let mut user = json!({ "a": 1, "name": { "x": 1, "y": 2 }, "list": [1, 2] });
        merge(&mut user, &json!({ "a": null, "name": { "y": 3 }, "list": [3], "new": { "z": 1 } }));
        assert_eq!(user, json!({ "name": { "x": 1, "y": 3 }, "list": [3], "new": { "z": 1 } }));
    }

    #[test]
    fn only_what_the_server_holds_can_be_lost() {
        let wanted = json!({ "nickName": "Lu", "title": "x", "gone": null });
        let Kept::Members(members) = kept(&wanted, &json!({ "nickname": "Lu", "title": "y" })) else { panic!() };
        assert_eq!(Value::Object(members), json!({ "nickName": "Lu" }));
        assert!(matches!(kept(&wanted, &json!({})), Kept::Nothing(_)));
    }
}
