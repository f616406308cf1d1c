//! What was put into the org, in order. The org is a function of it, so a snapshot is this list and restoring one is
//! doing it all again; nothing is sent then, because answers are part of the list.

use http::Method;
use mock_okta::Response;
use mock_okta::org::JobId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Brief, Clock};
use crate::call::Call;

/// The inputs so far, without passwords and tokens.
#[derive(Debug, Default)]
pub(super) struct History {
    inputs: Vec<Dated>,
    bytes: usize,
    /// Those that were not handed on yet, where they are.
    fresh: Option<Vec<Dated>>,
}

/// An input and when it came, in seconds of the org's clock.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dated {
    pub(crate) at: u64,
    pub(crate) input: Input,
}

/// Something that changed the org, or could have.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Input {
    Call {
        method: String,
        target: String,
        body: String,
    },
    Start {
        job: String,
    },
    Answer {
        job: String,
        status: u16,
        reason: String,
        retry_after: Option<String>,
        body: String,
    },
    TimedOut {
        job: String,
    },
    /// An exchange of a job, which the System Log tells of.
    Exchanged {
        job: String,
        exchange: Brief,
    },
    Resume {
        job: String,
    },
    /// The receiver of an event hook answered the challenge, as it should or not.
    HookAnswered {
        hook: String,
        failure: Option<String>,
    },
    /// A delivery to the receiver of an event hook was given up.
    HookFailed {
        hook: String,
        reason: String,
    },
    /// The clock was set ahead, to the moment of the entry.
    Advance,
}

impl Input {
    pub(super) fn call(call: &Call, target: String) -> Input {
        let body = String::from_utf8_lossy(&call.body).into_owned();
        Input::Call { method: call.method.to_string(), target, body }
    }

    pub(super) fn answer(job: JobId, response: &Response) -> Input {
        Input::Answer {
            job: job.to_string(),
            status: response.status,
            reason: response.reason.clone(),
            retry_after: response.retry_after.clone(),
            body: String::from_utf8_lossy(&response.body).into_owned(),
        }
    }

    fn size(&self) -> usize {
        match self {
            Input::Call { body, target, .. } => body.len() + target.len(),
            Input::Answer { body, .. } => body.len(),
            _ => 0,
        }
    }

    fn without_secrets(self) -> Input {
        match self {
            Input::Call { method, target, body } => Input::Call { method, target, body: scrubbed(&body) },
            Input::Answer { job, status, reason, retry_after, body } => {
                Input::Answer { job, status, reason, retry_after, body: scrubbed(&body) }
            }
            other => other,
        }
    }
}

/// A state that can be written down.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Snapshot {
    /// [`FORMAT`].
    pub(crate) format: u32,
    /// The seed it builds on, so that it is not brought back over another one.
    pub(crate) seed: String,
    /// When the org began, in seconds since the Unix epoch.
    pub(crate) began: i64,
    pub(crate) inputs: Vec<Dated>,
}

/// Why there is no snapshot, or none that can be restored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SnapshotError {
    #[error("more has happened than is remembered ({MOST_BYTES} bytes); take snapshots earlier, or reset first")]
    TooMuch,
    #[error("the snapshot has format {0}, this program writes and reads {FORMAT}")]
    Format(u32),
    #[error("the snapshot builds on another seed than this org")]
    OtherSeed,
    #[error("the seed cannot be built again: {0}")]
    Seed(String),
    #[error("the snapshot holds a call that cannot be made: {0}")]
    Call(String),
    #[error("the state cannot be written down: {0}")]
    NotKept(std::io::Error),
}

impl History {
    pub(super) fn note(&mut self, at: u64, input: Input) {
        let dated = Dated { at, input: input.without_secrets() };
        if let Some(fresh) = &mut self.fresh {
            fresh.push(dated.clone());
        }
        self.bytes = self.bytes.saturating_add(dated.input.size() + 64);
        match self.bytes > MOST_BYTES {
            true => self.inputs = Vec::new(),
            false => self.inputs.push(dated),
        }
    }

    /// Hands on every input from here on.
    pub(super) fn hand_on(&mut self) {
        self.fresh = Some(Vec::new());
    }

    /// Returns the inputs that were not handed on yet.
    pub(super) fn take_fresh(&mut self) -> Vec<Dated> {
        self.fresh.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Returns a snapshot.
    pub(super) fn snapshot(&self, clock: &Clock, seed: String) -> Result<Snapshot, SnapshotError> {
        if self.bytes > MOST_BYTES {
            return Err(SnapshotError::TooMuch);
        }
        Ok(Snapshot { format: FORMAT, seed, began: clock.began, inputs: self.inputs.clone() })
    }
}

/// Returns the call that an input tells of.
pub(super) fn read_call(method: &str, target: &str, body: String) -> Result<Call, SnapshotError> {
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| SnapshotError::Call(method.to_owned()))?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Ok(Call::new(method, path, query, body.into_bytes(), ""))
}

/// Returns JSON without the texts that are nobody's business. They stay texts, so that the call is as valid as it was.
fn scrubbed(body: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(body) else { return body.to_owned() };
    scrub(&mut value, "");
    value.to_string()
}

/// Scrubs what stands under a key. A password is a text, or an object with a value; an object of the same name without
/// one is a setting. What an event hook proves itself by is a value, too.
fn scrub(value: &mut Value, key: &str) {
    match value {
        Value::String(text) if SECRETS.iter().any(|word| key.to_ascii_lowercase().contains(word)) => {
            WITHHELD.clone_into(text);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| scrub(item, key)),
        Value::Object(object) => {
            for (name, inner) in object {
                let is_secret = name == "value" && VALUED.iter().any(|word| key.eq_ignore_ascii_case(word));
                scrub(inner, if is_secret { SECRETS[0] } else { name });
            }
        }
        _ => {}
    }
}

/// Words in the keys of secrets.
const SECRETS: [&str; 4] = ["password", "token", "secret", "answer"];

/// Keys of objects, or of lists of them, whose `value` is a secret.
const VALUED: [&str; 3] = ["password", "authScheme", "headers"];

/// What stands for a secret.
pub(crate) const WITHHELD: &str = "withheld";

/// Changes with what is written.
pub(crate) const FORMAT: u32 = 2;

const MOST_BYTES: usize = 256 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_holds_no_password_and_no_token() {
        let body = r#"{"profile":{"login":"ada","token":"s1"},"credentials":{"password":{"value":"s2"},
            "recovery_question":{"question":"q","answer":"s3"}},"list":[{"clientSecret":"s4"}]}"#;
        let text = scrubbed(body);
        assert!((1..=4).all(|n| !text.contains(&format!("s{n}"))), "{text}");
        assert!(text.contains(r#""login":"ada""#) && text.contains(r#""question":"q""#), "{text}");
        assert_eq!(scrubbed(" "), " ");
        let hook = r#"{"channel":{"config":{"uri":"https://a","headers":[{"key":"X","value":"s1"}],
            "authScheme":{"type":"HEADER","key":"Authorization","value":"s2"}}}}"#;
        let text = scrubbed(hook);
        assert!(!text.contains("s1") && !text.contains("s2") && text.contains("Authorization"), "{text}");
        let setting = r#"{"update":{"password":{"status":"ENABLED"}}}"#;
        assert_eq!(scrubbed(setting), setting);
    }
}
