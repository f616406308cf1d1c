//! What a trial does: sends a request of the suite, or lets Okta live through an event.

use super::stage::{Errand, ImportTally};
use super::{Broken, Performance};
use crate::client::{self, Answer, Stop};
use crate::expect::Mismatch;
use crate::gate::Kind;
use crate::transcript;
use http::header::RETRY_AFTER;
use scim_record::Failure;
use scim_suite::{Action, Auth, Body, HeaderChange, JsonTemplate, Part, Send, Span, Step, TargetKind, Unbound};
use scim_transport::{Reply, Request};
use serde_json::{Map, Value};
use std::time::Duration;

/// A step that is ready to be done.
pub(super) struct Prepared {
    label: String,
    span: Span,
    deed: Deed,
}

enum Deed {
    Send(Request),
    Errands(Vec<Errand>),
}

/// What was done.
pub(super) enum Acted {
    /// A request was answered.
    Answered { label: String, answer: Answer },
    /// Okta lived through an event.
    Happened(Happened),
    /// An exchange failed by itself, or was held back.
    Failed { label: String, trouble: Trouble },
}

/// An event and what came of it.
pub(super) struct Happened {
    pub(super) label: String,
    /// How each of Okta's errands ended.
    pub(super) outcomes: Vec<mock_okta::Outcome>,
    /// What was sent and answered, in order.
    pub(super) wire: Vec<transcript::Exchange>,
    /// How long Okta paused, each time.
    pub(super) waits: Vec<u64>,
    /// What an import counted.
    pub(super) import: Option<ImportTally>,
    /// The last exchange in the record, if there was one.
    pub(super) last: Option<usize>,
    /// The status of the last answer.
    pub(super) last_status: Option<u16>,
}

/// Something that went wrong in an exchange by itself.
pub(super) struct Trouble {
    pub(super) mismatch: Mismatch,
    pub(super) exchange: Option<usize>,
}

/// Why an exchange brought no answer to go on with.
enum Halt {
    Trouble(Box<Trouble>),
    Broken(Broken),
}

impl Performance<'_, '_> {
    /// Makes a step ready: its request is built, its event happens in the org.
    pub(super) fn prepare(&self, number: usize, step: &Step) -> Result<Prepared, Broken> {
        let (label, deed) = match &step.action {
            Action::Send(send) => {
                let request = self.request(send).map_err(|unbound| unbound.to_string())?;
                (label(number), Deed::Send(request))
            }
            Action::Event(event) => {
                let stage = self.stage.as_ref().expect("the plan has an app for every event");
                let fill = |template: &scim_suite::Template| template.expand(&|name| self.bindings.get(name));
                let label = event.action.kind().name().to_owned();
                (label, Deed::Errands(stage.happen(&event.action, &fill)?))
            }
        };
        Ok(Prepared { label, span: step.span.clone(), deed })
    }

    /// Does what was prepared.
    pub(super) async fn act(&self, prepared: Prepared) -> Result<Acted, Broken> {
        let Prepared { label, span, deed } = prepared;
        let halt = match deed {
            Deed::Send(request) => match self.exchange(&label, request, &span).await {
                Ok(answer) => return Ok(Acted::Answered { label, answer }),
                Err(halt) => halt,
            },
            Deed::Errands(errands) => match self.run_errands(&label, errands, &span).await {
                Ok(happened) => return Ok(Acted::Happened(happened)),
                Err(halt) => halt,
            },
        };
        match halt {
            Halt::Trouble(trouble) => Ok(Acted::Failed { label, trouble: *trouble }),
            Halt::Broken(broken) => Err(broken),
        }
    }

    /// Sends a request of the engine's own to see what the server holds.
    pub(super) async fn look(&mut self, label: &str, target: String, span: &Span) -> Result<Option<Answer>, Broken> {
        self.exchanged(label, client::get(self.trial.version(), target), span).await
    }

    /// Sends a request; an exchange that fails by itself is a finding, and nothing is returned.
    pub(super) async fn exchanged(
        &mut self,
        label: &str,
        request: Request,
        span: &Span,
    ) -> Result<Option<Answer>, Broken> {
        match self.exchange(label, request, span).await {
            Ok(answer) => Ok(Some(answer)),
            Err(Halt::Broken(broken)) => Err(broken),
            Err(Halt::Trouble(trouble)) => {
                self.find(label, trouble.mismatch, trouble.exchange);
                Ok(None)
            }
        }
    }

    /// Builds the request of a `send` step.
    pub(super) fn request(&self, send: &Send) -> Result<Request, Unbound> {
        let lookup = |name: &str| self.bindings.get(name);
        let body = match &send.body {
            Some(Body::Json(json)) => Some(json.expand(&lookup)?.into_bytes()),
            Some(Body::Text(text)) => Some(text.expand(&lookup)?.into_bytes()),
            Some(Body::Saved { name, with }) => Some(self.saved_body(name, with.as_ref())?.into_bytes()),
            None => None,
        };
        let mut headers = self.headers(body.is_some());
        for (name, change) in &send.headers {
            let known = headers.iter().position(|(known, _)| known.eq_ignore_ascii_case(name));
            match (change, known) {
                (HeaderChange::Set(value), Some(at)) => headers[at].1 = value.expand(&lookup)?,
                (HeaderChange::Set(value), None) => headers.push((name.clone(), value.expand(&lookup)?)),
                (HeaderChange::Remove, Some(at)) => drop(headers.remove(at)),
                (HeaderChange::Remove, None) => {}
            }
        }
        let auth = match &send.auth {
            Auth::Configured => scim_transport::Auth::Configured,
            Auth::None => scim_transport::Auth::None,
            Auth::Raw(value) => scim_transport::Auth::Raw(value.expand(&lookup)?),
        };
        let target = self.target(&send.target)?;
        Ok(Request { method: send.method.clone(), target, headers, body, auth })
    }

    /// Returns the headers that Okta sends to a target of this kind.
    fn headers(&self, has_body: bool) -> Vec<(String, String)> {
        match self.trial.case.target {
            TargetKind::EventHook => mock_okta::hook::headers(None, has_body),
            TargetKind::Scim => {
                let headers = mock_okta::headers_in(self.trial.version(), has_body);
                headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }
        }
    }

    /// Returns what an earlier answer held, with these changes (RFC 7396).
    fn saved_body(&self, name: &str, with: Option<&JsonTemplate>) -> Result<String, Unbound> {
        let mut body = self.saved.get(name).expect("the plan knows what is saved by then").value.clone();
        if let Some(with) = with {
            let changes = with.expand(&|name| self.bindings.get(name))?;
            merge(&mut body, serde_json::from_str(&changes).expect("a JSON template makes JSON"));
        }
        Ok(body.to_string())
    }

    /// Fills a target; what its holes are filled with is percent-encoded.
    ///
    /// A hole at the very beginning is a path of its own, such as the endpoint a server declares for its roles.
    fn target(&self, template: &scim_suite::Template) -> Result<String, Unbound> {
        let leading = match template.parts().first() {
            Some(Part::Variable { name, .. }) => Some(name.as_str()),
            _ => None,
        };
        let fill = |name: &str| match leading {
            // What was typed as the receiver's URL is sent as it was typed.
            Some("receiver") if name == "receiver" => self.bindings.get(name),
            Some(leading) if leading == name && name != "each" => {
                self.bindings.get(name).map(|path| client::encode_path(&path))
            }
            _ => self.bindings.get_in_target(name),
        };
        template.expand(&fill)
    }

    /// Does Okta's errands of one event, one after the other.
    async fn run_errands(&self, label: &str, errands: Vec<Errand>, span: &Span) -> Result<Happened, Halt> {
        let stage = self.stage.as_ref().expect("the plan has an app for every event");
        let mut happened = Happened {
            label: label.to_owned(),
            outcomes: Vec::new(),
            wire: Vec::new(),
            waits: Vec::new(),
            import: None,
            last: None,
            last_status: None,
        };
        for errand in errands {
            let mut running = stage.start(errand);
            let outcome = loop {
                match running.step() {
                    mock_okta::Step::Done(outcome) => break outcome,
                    mock_okta::Step::Wait(wait) => {
                        happened.waits.push(wait.as_secs());
                        pause(wait).await;
                        running.resume(stage);
                    }
                    mock_okta::Step::Send(request) => {
                        let sent = to_transport(request.clone());
                        let answer = self.exchange(label, sent, span).await?;
                        happened.last = Some(answer.exchange);
                        happened.last_status = Some(answer.reply.status);
                        happened.wire.push(match self.trial.case.golden {
                            Some(_) => transcript::Exchange::new(request, &answer.reply),
                            None => transcript::Exchange::without_body(request, &answer.reply),
                        });
                        running.next(stage, to_okta(answer.reply));
                    }
                }
            };
            happened.outcomes.push(outcome);
            if let Some(tally) = running.finish(stage) {
                happened.import = Some(tally);
            }
        }
        Ok(happened)
    }

    /// Sends a request and waits for its answer.
    async fn exchange(&self, label: &str, request: Request, span: &Span) -> Result<Answer, Halt> {
        let (failure, exchange) = match self.client.send(label, request).await {
            Ok(answer) => return Ok(answer),
            Err(Stop::Journal(cause)) => return Err(Halt::Broken(format!("the journal cannot be written: {cause}"))),
            Err(Stop::Failed { failure: failure @ Failure::Unreachable { .. }, .. }) => {
                return Err(Halt::Broken(failure.to_string()));
            }
            Err(Stop::Withheld { reason }) => return Err(Halt::Broken(reason)),
            Err(Stop::Foreign { request }) => {
                let sentence = format!(
                    "Okta would send {request} and change an object this case did not create: \
                     the server pointed it at somebody else's (the request was held back)"
                );
                return Err(trouble(sentence, span, None));
            }
            Err(Stop::Failed { failure, exchange }) => (failure, exchange),
        };
        Err(trouble(failure.to_string(), span, exchange))
    }
}

/// Returns what reports call a step.
pub(super) fn label(number: usize) -> String {
    format!("step {}", number + 1)
}

/// Applies a merge patch: members replace, `null` removes, an object goes into the one that is there (RFC 7396 §2).
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(members) = target else { unreachable!("it was just made an object") };
    for (name, value) in patch {
        if value.is_null() {
            // Nothing else moves: the order of what is sent is that of what was received.
            members.shift_remove(&name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), value);
        }
    }
}

fn trouble(sentence: String, span: &Span, exchange: Option<usize>) -> Halt {
    let mismatch = Mismatch::sentence(sentence, span.clone()).with_kind(Kind::ServerFailure);
    Halt::Trouble(Box::new(Trouble { mismatch, exchange }))
}

fn to_transport(request: mock_okta::Request) -> Request {
    Request {
        method: request.method.to_owned(),
        target: request.target,
        headers: request.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        body: request.body.map(String::into_bytes),
        auth: scim_transport::Auth::Configured,
    }
}

fn to_okta(reply: Reply) -> mock_okta::Response {
    let retry_after = reply.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let Reply { status, reason, body, .. } = reply;
    mock_okta::Response { status, reason, retry_after, body: body.to_vec() }
}

/// Lets Okta pause between two requests.
///
/// A short pause is kept, because a service provider that names one may mean it. A longer one passes on Okta's clock
/// alone: Okta waits five minutes where no number of seconds is given, and nobody wants to wait with it.
async fn pause(wait: Duration) {
    const LONGEST: Duration = Duration::from_secs(10);
    if wait <= LONGEST {
        tokio::time::sleep(wait).await;
    }
}
