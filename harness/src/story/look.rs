//! Looks at what a service provider holds, until it holds what is expected or its time is up.

use super::Stage;
use super::side::{Broken, Kept};
use crate::client;
use crate::expect::{self, Mismatch};
use crate::gate::Kind;
use crate::run::RunError;
use crate::same::{Differs, differences};
use scim_record::Exchange;
use scim_suite::story::{Expectation, Want};
use scim_suite::{Pattern, Span, Spanned};
use serde_json::Value;
use std::time::{Duration, Instant};

/// What a look has shown.
#[derive(Default)]
pub(super) struct Seen {
    /// What is not as expected, with the number of the exchange that shows it.
    pub(super) mismatches: Vec<(Mismatch, Option<usize>)>,
    pub(super) exchanges: Vec<Exchange>,
    /// Why it cannot be told.
    pub(super) untold: Option<Untold>,
    /// How long it took from the first request until all was as expected.
    pub(super) settled: Option<Duration>,
}

/// Why nothing can be said about what a service provider holds.
#[derive(Debug, Clone)]
pub(super) enum Untold {
    /// There is nothing to look at.
    Skipped(String),
    /// It could not be reached.
    Broken(String),
}

impl Stage<'_> {
    /// Looks at what an app's service provider holds, again and again while its time lasts.
    ///
    /// How long it took is the time of Okta's own exchanges and of this look; what passed in between, while other apps had
    /// their turn and other expectations were looked at, is not the service provider's.
    pub(super) async fn look(&mut self, at: usize, expectation: &Expectation) -> Result<Seen, RunError> {
        let (begun, patience) = (Instant::now(), self.patience(at));
        let mut pause = FIRST_PAUSE;
        loop {
            let mut seen = self.look_once(at, expectation).await?;
            let is_well = seen.mismatches.is_empty() && seen.untold.is_none();
            if let Some(pushed) = self.sides[at].part.pushed.filter(|_| is_well && !seen.exchanges.is_empty()) {
                seen.settled = Some(pushed + begun.elapsed());
                self.sides[at].part.settled = self.sides[at].part.settled.max(seen.settled);
            }
            if is_well || seen.untold.is_some() || begun.elapsed() + pause > patience {
                return Ok(seen);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Returns how long it is worth while to look again: where nothing was sent, nothing is going to change.
    fn patience(&self, at: usize) -> Duration {
        self.sides[at].part.pushed.map_or(Duration::ZERO, |_| self.telling.settings.settle)
    }

    async fn look_once(&mut self, at: usize, expectation: &Expectation) -> Result<Seen, RunError> {
        let mut seen = Seen::default();
        for want in &expectation.wants {
            let collection = if expectation.group.is_some() { GROUPS } else { USERS };
            match &want.value {
                Want::Remote { pattern, exact } => {
                    for name in subjects(expectation) {
                        self.see_resource(at, collection, name, pattern, *exact, &mut seen).await?;
                    }
                }
                Want::Absent => self.see_number(at, expectation, USERS, 0, &want.span, &mut seen).await?,
                Want::Found(number) => {
                    self.see_number(at, expectation, collection, *number, &want.span, &mut seen).await?;
                }
                Want::SameId => self.see_id(at, expectation, &want.span, &mut seen).await?,
                Want::DataSurvives => self.see_data(at, expectation, &want.span, &mut seen).await?,
                Want::Silent | Want::Calls(_) | Want::LatencyWithin(_) | Want::Log(_) | Want::Outcome(_) => {}
            }
            if seen.untold.is_some() {
                break;
            }
        }
        Ok(seen)
    }

    async fn see_resource(
        &mut self,
        at: usize,
        collection: &str,
        name: &str,
        pattern: &Spanned<Pattern>,
        exact: bool,
        seen: &mut Seen,
    ) -> Result<(), RunError> {
        let Some(id) = self.sides[at].bindings.get(&format!("{name}.id")) else {
            self.nothing_known(at, name, &pattern.span, seen);
            return Ok(());
        };
        let target = format!("{collection}/{}", client::encode(&id));
        let Some((status, body)) = self.read(at, target, seen).await? else { return Ok(()) };
        let exchange = Some(seen.exchanges.len() - 1);
        if status != 200 {
            seen.mismatches.push((unexpected_status(status, &pattern.span), exchange));
            return Ok(());
        }
        let mismatches = expect::json(&body, pattern, exact, &mut self.sides[at].bindings);
        seen.mismatches.extend(mismatches.into_iter().map(|mismatch| (mismatch, exchange)));
        Ok(())
    }

    /// What Okta does not know cannot be looked at; where something failed before, that was told then.
    fn nothing_known(&self, at: usize, name: &str, span: &Span, seen: &mut Seen) {
        let side = &self.sides[at];
        match &side.failed {
            Some(case) => {
                let reason = format!("Okta knows no id of {name} in {}: it needs {case}, which failed", side.app.name);
                seen.untold = Some(Untold::Skipped(reason));
            }
            None => {
                let sentence =
                    format!("Okta knows no id of {name} in {}, so there is nothing to look at", side.app.name);
                seen.mismatches.push((Mismatch::sentence(sentence, span.clone()), None));
            }
        }
    }

    async fn see_number(
        &mut self,
        at: usize,
        expectation: &Expectation,
        collection: &str,
        expected: u32,
        span: &Span,
        seen: &mut Seen,
    ) -> Result<(), RunError> {
        for name in subjects(expectation) {
            let value = self.name_of(at, collection, name, expectation);
            let Some(ids) = self.find_ids(at, collection, value, span, seen).await? else { continue };
            if ids.len() != expected as usize {
                let sentence = format!("the lookup of {name} finds {}, not {expected}", ids.len());
                let exchange = Some(seen.exchanges.len() - 1);
                seen.mismatches.push((Mismatch::sentence(sentence, span.clone()), exchange));
            }
        }
        Ok(())
    }

    async fn see_id(
        &mut self,
        at: usize,
        expectation: &Expectation,
        span: &Span,
        seen: &mut Seen,
    ) -> Result<(), RunError> {
        for name in &expectation.who {
            let Some(first) = self.sides[at].first.get(name).cloned() else {
                self.nothing_known(at, name, span, seen);
                continue;
            };
            let linked = self.world.remote_id(self.sides[at].app, name);
            let value = self.name_of(at, USERS, name, expectation);
            let Some(ids) = self.find_ids(at, USERS, value, span, seen).await? else { continue };
            let exchange = Some(seen.exchanges.len() - 1);
            let sentence = match ids.as_slice() {
                [] => format!("the lookup of {name} finds nobody; the account was {first}"),
                [id] if *id != first => format!("the account of {name} is {id}, and was {first} before"),
                [_] if linked.as_ref().is_some_and(|linked| *linked != first) => {
                    format!("Okta is linked to {}, and the account of {name} was {first}", linked.unwrap_or_default())
                }
                [_] => continue,
                ids => format!("{name} has {} accounts, not one", ids.len()),
            };
            seen.mismatches.push((Mismatch::sentence(sentence, span.clone()), exchange));
        }
        Ok(())
    }

    /// Looks whether what was changed in the app itself is still there.
    async fn see_data(
        &mut self,
        at: usize,
        expectation: &Expectation,
        span: &Span,
        seen: &mut Seen,
    ) -> Result<(), RunError> {
        for name in &expectation.who {
            let members = match self.sides[at].kept.get(name).cloned() {
                Some(Kept::Members(members)) => Value::Object(members),
                Some(Kept::Nothing(reason)) => {
                    seen.untold = Some(Untold::Skipped(reason));
                    continue;
                }
                None => {
                    seen.untold = Some(Untold::Skipped(format!("nothing of {name} was changed in the app itself")));
                    continue;
                }
            };
            let Some(id) = self.world.remote_id(self.sides[at].app, name) else {
                self.nothing_known(at, name, span, seen);
                continue;
            };
            let target = format!("{USERS}/{}", client::encode(&id));
            let Some((status, body)) = self.read(at, target, seen).await? else { continue };
            let exchange = Some(seen.exchanges.len() - 1);
            if status != 200 {
                seen.mismatches.push((unexpected_status(status, span), exchange));
                continue;
            }
            let found: Value = serde_json::from_slice(&body).unwrap_or_default();
            let lost = differences(&members, &found, &[]).into_iter().filter(|it| it.kind != Differs::Added);
            let mismatches = lost.map(|difference| Mismatch::difference(difference, &members, span.clone()));
            seen.mismatches.extend(mismatches.map(|mismatch| (mismatch, exchange)));
        }
        Ok(())
    }

    /// Returns the userName or displayName under which the server is asked.
    fn name_of(&self, at: usize, collection: &str, name: &str, expectation: &Expectation) -> String {
        let bindings = &self.sides[at].bindings;
        let key = if collection == USERS { "userName" } else { "name" };
        let own = expectation.user_name.as_ref().and_then(|it| it.expand(&|name| bindings.get(name)).ok());
        own.or_else(|| bindings.get(&format!("{name}.{key}"))).unwrap_or_default()
    }

    /// Returns the ids that a lookup by name finds, nothing where it finds no list.
    async fn find_ids(
        &mut self,
        at: usize,
        collection: &str,
        value: String,
        span: &Span,
        seen: &mut Seen,
    ) -> Result<Option<Vec<String>>, RunError> {
        let attribute = if collection == USERS { "userName" } else { "displayName" };
        let filter = client::encode(&format!("{attribute} eq {}", Value::String(value)));
        let target = format!("{collection}?filter={filter}&startIndex=1&count=100");
        let Some((status, body)) = self.read(at, target, seen).await? else { return Ok(None) };
        let list: Value = serde_json::from_slice(&body).unwrap_or_default();
        let resources = list.get("Resources").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let id = |resource: &Value| resource.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        match status {
            // Okta takes a 404 for "nobody of that name".
            404 => Ok(Some(Vec::new())),
            200 if list.is_object() => Ok(Some(resources.iter().map(id).collect())),
            _ => {
                seen.mismatches.push((unexpected_status(status, span), Some(seen.exchanges.len() - 1)));
                Ok(None)
            }
        }
    }

    /// Reads something; status and body come back, and the exchange is noted.
    async fn read(&mut self, at: usize, target: String, seen: &mut Seen) -> Result<Option<(u16, Vec<u8>)>, RunError> {
        match self.ask(at, "GET", target, None).await? {
            Ok(answer) => {
                seen.exchanges.extend(self.sides[at].client.recorded(answer.exchange));
                Ok(Some((answer.reply.status, answer.reply.body.to_vec())))
            }
            Err(Broken::Unreachable(reason)) => {
                seen.untold = Some(Untold::Broken(reason));
                Ok(None)
            }
            Err(Broken::Stopped(reason)) => {
                seen.untold = Some(Untold::Skipped(reason));
                Ok(None)
            }
        }
    }
}

/// Returns whom an expectation is about, by the script's names: a group, or people.
fn subjects(expectation: &Expectation) -> Vec<&str> {
    match &expectation.group {
        Some(group) => vec![group],
        None => expectation.who.iter().map(String::as_str).collect(),
    }
}

fn unexpected_status(status: u16, span: &Span) -> Mismatch {
    let kind = if super::perform::is_failure(status) { Kind::ServerFailure } else { Kind::Expectation };
    Mismatch::sentence(format!("the server answered {status}, not 200"), span.clone()).with_kind(kind)
}

const USERS: &str = "/Users";
const GROUPS: &str = "/Groups";

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
