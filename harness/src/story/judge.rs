//! Judges a chapter: each of its expectations, and that Okta has nothing to complain of, becomes the record of a case.

use super::Stage;
use super::look::{Seen, Untold};
use super::side::{Broken, Side};
use crate::curl;
use crate::expect::Mismatch;
use crate::gate::{self, Kind};
use crate::run::{RunError, milliseconds};
use mock_okta::org::TargetKind;
use scim_record::{Basis, CaseRecord, Exchange, Finding, Level, Location, Reference, Verdict};
use scim_suite::story::{Chapter, Expectation, Want};
use scim_suite::{Outcome, Span, Spanned, Story};
use std::time::{Duration, Instant};

/// What a case has come to.
#[derive(Default)]
struct Found {
    mismatches: Vec<(Mismatch, Option<usize>)>,
    exchanges: Vec<Exchange>,
    untold: Option<Untold>,
}

impl Stage<'_> {
    /// Returns the records of a chapter's cases; of the set-up, if there is no chapter.
    pub(super) async fn judge(&mut self, chapter: Option<&Chapter>) -> Result<Vec<CaseRecord>, RunError> {
        let mut records = vec![self.content(chapter)];
        for expectation in chapter.map(|chapter| chapter.expectations.as_slice()).unwrap_or_default() {
            let started = Instant::now();
            let found = self.find(expectation).await?;
            let mut record = self.record(expectation, found);
            record.time_ms = milliseconds(started);
            records.push(record);
        }
        Ok(records)
    }

    /// Judges that nothing went wrong for Okta, in any app.
    fn content(&mut self, chapter: Option<&Chapter>) -> CaseRecord {
        let story = self.telling.story;
        let (chapter_id, span) = match chapter {
            Some(chapter) => (chapter.id.clone(), chapter.span.clone()),
            None => (format!("{}/{}", story.name, Story::SET_UP), story.source.clone()),
        };
        let mut found = Found::default();
        for side in &self.sides {
            let is_expected = chapter.is_some_and(|chapter| expects_task(chapter, &side.app.name));
            let base = found.exchanges.len();
            let part = &side.part;
            for (mismatch, call) in &part.troubles {
                found.mismatches.push((mismatch.clone(), call.map(|call| base + call)));
            }
            for task in part.tasks.iter().filter(|_| !is_expected) {
                let sentence = format!("Okta gives up in {}: {}", side.app.name, task.message);
                let kind = if task.is_failure { Kind::ServerFailure } else { Kind::Expectation };
                let mismatch = Mismatch::sentence(sentence, span.clone()).with_kind(kind);
                found.mismatches.push((mismatch, task.call.map(|call| base + call)));
            }
            found.exchanges.extend(part.calls.iter().map(|sent| sent.exchange.clone()));
            if let (Some(Broken::Unreachable(reason)), false) = (&side.broken, part.calls.is_empty()) {
                found.untold = Some(Untold::Broken(reason.clone()));
            }
        }
        let expectation = Expectation {
            id: format!("{chapter_id}/{}", Story::CONTENT),
            name: Story::CONTENT.to_owned(),
            rule: CONTENT_RULE.to_owned(),
            refs: Vec::new(),
            level: scim_suite::Level::Okta,
            basis: scim_suite::Basis::Documented,
            needs: Vec::new(),
            consequence: Some(CONTENT_CONSEQUENCE.to_owned()),
            mend: None,
            app: None,
            who: Vec::new(),
            user_name: None,
            group: None,
            wants: Vec::new(),
            span,
        };
        let blamed = |side: &Side<'_>| {
            let is_expected = chapter.is_some_and(|chapter| expects_task(chapter, &side.app.name));
            !side.part.troubles.is_empty() || (!is_expected && !side.part.tasks.is_empty())
        };
        let blamed: Vec<String> =
            self.sides.iter().filter(|side| blamed(side)).map(|side| side.app.name.clone()).collect();
        for app in blamed {
            self.note_failure(&app, &expectation.id);
        }
        self.record(&expectation, found)
    }

    async fn find(&mut self, expectation: &Expectation) -> Result<Found, RunError> {
        let sides: Vec<usize> = (0..self.sides.len())
            .filter(|at| expectation.app.as_ref().is_none_or(|app| *app == self.sides[*at].app.name))
            .collect();
        let mut found = Found::default();
        for at in &sides {
            if let Some(untold) = self.sides[*at].obstacle(expectation) {
                found.untold = Some(untold);
                return Ok(found);
            }
        }
        for at in &sides {
            self.find_sent(*at, expectation, &mut found);
        }
        if let [at] = sides.as_slice() {
            let base = found.exchanges.len();
            let Seen { mismatches, exchanges, untold, settled } = self.look(*at, expectation).await?;
            found.mismatches.extend(mismatches.into_iter().map(|(it, exchange)| (it, exchange.map(|at| base + at))));
            found.exchanges.extend(exchanges);
            found.untold = untold;
            self.find_latency(*at, expectation, settled, &mut found);
        }
        for want in &expectation.wants {
            if let Want::Log(types) = &want.value {
                let logged = self.logged(expectation.app.as_deref());
                found.mismatches.extend(missing_entry(types, &logged, &want.span).map(|mismatch| (mismatch, None)));
            }
        }
        if let Some(case) = sides.iter().find_map(|at| self.sides[*at].failed.clone())
            && !found.mismatches.is_empty()
            && expectation.wants.iter().all(|want| follows_from_failures(&want.value))
        {
            found.untold = Some(Untold::Skipped(format!("it needs {case}, which failed")));
        }
        Ok(found)
    }

    /// Compares what an app sent, and how it ended for Okta.
    fn find_sent(&self, at: usize, expectation: &Expectation, found: &mut Found) {
        let Side { app, part, .. } = &self.sides[at];
        let base = found.exchanges.len();
        found.exchanges.extend(part.calls.iter().map(|sent| sent.exchange.clone()));
        let lines: Vec<String> =
            part.calls.iter().map(|sent| format!("{} {}", sent.method, path(&sent.target))).collect();
        let last = part.calls.len().checked_sub(1).map(|call| base + call);
        for Spanned { value, span } in &expectation.wants {
            let sentence = match value {
                Want::Silent if !lines.is_empty() => {
                    let sentence = format!("{} was told {}, and nothing was to be sent", app.name, list(&lines));
                    found.mismatches.push((Mismatch::sentence(sentence, span.clone()), Some(base)));
                    continue;
                }
                Want::Calls(calls) => {
                    let is_same = |(call, sent): (&scim_suite::story::Call, &super::side::Sent)| {
                        call.matches(&sent.method, &sent.target)
                    };
                    if calls.len() == part.calls.len() && calls.iter().zip(&part.calls).all(is_same) {
                        continue;
                    }
                    let wanted = calls.iter().map(|call| format!("{} {}\n", call.method, call.path)).collect();
                    let sent = lines.iter().map(|line| format!("{line}\n")).collect();
                    let sentence = format!("{} was told something else", app.name);
                    found.mismatches.push((Mismatch::texts(sentence, wanted, sent, span.clone()), last));
                    continue;
                }
                Want::Outcome(Outcome::Task) if part.tasks.is_empty() => {
                    format!("Okta is content with {}, though it should not be", app.name)
                }
                Want::Outcome(Outcome::Done) if !part.tasks.is_empty() => {
                    format!("Okta gives up in {}: {}", app.name, part.tasks[0].message)
                }
                _ => continue,
            };
            found.mismatches.push((Mismatch::sentence(sentence, span.clone()), last));
        }
    }

    fn find_latency(&self, at: usize, expectation: &Expectation, settled: Option<Duration>, found: &mut Found) {
        let part = &self.sides[at].part;
        for want in &expectation.wants {
            let Want::LatencyWithin(limit) = want.value else { continue };
            let Some(took) = settled.or(part.pushed) else {
                let sentence = format!("nothing was sent to {}, so nothing took any time", self.sides[at].app.name);
                found.mismatches.push((Mismatch::sentence(sentence, want.span.clone()), None));
                continue;
            };
            if took > limit {
                let sentence = format!("it took {}, not at most {}", in_words(took), in_words(limit));
                let last = part.calls.len().checked_sub(1);
                found.mismatches.push((Mismatch::sentence(sentence, want.span.clone()), last));
            }
        }
    }

    /// Returns the types of what the org logged in the chapter; with an app, of what is about it or about none.
    fn logged(&self, app: Option<&str>) -> Vec<&'static str> {
        let id = app.map(|app| self.world.org.app_id(app));
        let is_about = |entry: &&mock_okta::org::LogEntry| {
            let mut apps = entry.targets.iter().filter(|target| target.kind == TargetKind::AppInstance).peekable();
            id.is_none() || apps.peek().is_none() || apps.any(|target| Some(&target.id) == id.as_ref())
        };
        self.world.log().iter().filter(is_about).map(|entry| entry.event_type.name()).collect()
    }

    fn record(&mut self, expectation: &Expectation, found: Found) -> CaseRecord {
        let (level, basis) = (level(expectation.level), basis(expectation.basis));
        let findings: Vec<Finding> = match found.untold {
            Some(_) => Vec::new(),
            None => found.mismatches.iter().filter_map(|it| self.finding(expectation, it, &found.exchanges)).collect(),
        };
        let fails = findings.iter().any(|finding| finding.verdict == Verdict::Fail);
        let (outcome, reason) = match (&found.untold, fails, findings.is_empty()) {
            (Some(Untold::Skipped(reason)), ..) => (scim_record::Outcome::Skip, Some(reason.clone())),
            (Some(Untold::Broken(reason)), ..) => (scim_record::Outcome::Error, Some(reason.clone())),
            (None, true, _) => (scim_record::Outcome::Fail, None),
            (None, false, false) => (scim_record::Outcome::Warn, None),
            (None, false, true) => (scim_record::Outcome::Pass, None),
        };
        if let (scim_record::Outcome::Fail, Some(app)) = (outcome, &expectation.app) {
            self.note_failure(app, &expectation.id);
        }
        let story = self.telling.story;
        CaseRecord {
            id: expectation.id.clone(),
            suite: story.name.clone(),
            app: expectation.app.clone(),
            title: story.title.clone(),
            rule: expectation.rule.clone(),
            refs: self.references(&expectation.refs),
            level,
            basis,
            disputed: None,
            consequence: expectation.consequence.clone(),
            mend: expectation.mend.clone(),
            bugs: Vec::new(),
            outcome,
            reason,
            findings,
            reading: None,
            notes: Vec::new(),
            fuzz: None,
            exchanges: found.exchanges,
            time_ms: 0,
            location: location(&expectation.span),
        }
    }

    /// Notes the first case that failed in an app: what comes later may follow from it.
    fn note_failure(&mut self, app: &str, case: &str) {
        for side in self.sides.iter_mut().filter(|side| side.app.name == app) {
            side.failed.get_or_insert_with(|| case.to_owned());
        }
    }

    fn finding(
        &self,
        expectation: &Expectation,
        (mismatch, exchange): &(Mismatch, Option<usize>),
        exchanges: &[Exchange],
    ) -> Option<Finding> {
        let (level, basis) = (level(expectation.level), basis(expectation.basis));
        let verdict = gate::verdict(self.telling.settings.gate, level, basis, false, mismatch.kind)?;
        let evidence = exchange.and_then(|at| exchanges.get(at));
        let actual = mismatch.actual(evidence);
        let side = expectation.app.as_ref().and_then(|app| self.sides.iter().find(|side| side.app.name == *app));
        let side = side.or_else(|| {
            let url = &evidence?.request.url;
            self.sides.iter().find(|side| url.starts_with(side.client.base()))
        });
        let redactor = side.unwrap_or(&self.sides[0]).client.redactor();
        let was_sent = |exchange: &&Exchange| exchange.step != super::perform::OUTAGE;
        Some(Finding {
            verdict,
            level,
            basis,
            step: evidence.map(|exchange| exchange.step.clone()).unwrap_or_default(),
            message: redactor.text(&mismatch.message(actual.as_deref())),
            pointer: mismatch.pointer.clone(),
            expected: mismatch.expected.as_ref().map(|text| redactor.text(text)),
            actual: actual.map(|text| redactor.text(&text)),
            location: Some(location(&mismatch.span)),
            exchange: *exchange,
            curl: side
                .zip(evidence.filter(was_sent))
                .map(|(side, exchange)| curl::command(exchange, side.client.base())),
            fuzz: None,
            fingerprint: String::new(),
        })
    }

    fn references(&self, ids: &[String]) -> Vec<Reference> {
        let entries = ids.iter().filter_map(|id| self.telling.catalog.reference(id));
        let reference = |entry: &scim_suite::Reference| Reference {
            id: entry.id.clone(),
            title: entry.title.clone(),
            url: Some(entry.url.clone()),
        };
        entries.map(reference).collect()
    }
}

impl Side<'_> {
    /// Returns why an expectation cannot be judged there.
    fn obstacle(&self, expectation: &Expectation) -> Option<Untold> {
        match &self.broken {
            Some(Broken::Unreachable(reason)) => return Some(Untold::Broken(reason.clone())),
            Some(Broken::Stopped(reason)) => {
                return Some(Untold::Skipped(format!("the story broke off in {}: {reason}", self.app.name)));
            }
            None => {}
        }
        self.capabilities.unmet(&expectation.needs).map(Untold::Skipped)
    }
}

/// Whether something goes otherwise as soon as anything has gone wrong before: one defect is one finding.
fn follows_from_failures(want: &Want) -> bool {
    matches!(want, Want::Calls(_) | Want::Log(_) | Want::LatencyWithin(_))
}

fn expects_task(chapter: &Chapter, app: &str) -> bool {
    let is_about = |expectation: &&Expectation| expectation.app.as_ref().is_none_or(|known| known == app);
    let wants = chapter.expectations.iter().filter(is_about).flat_map(|expectation| &expectation.wants);
    wants.into_iter().any(|want| matches!(want.value, Want::Outcome(Outcome::Task)))
}

/// Returns what is missing of the entries that are expected in this order, among others.
fn missing_entry(types: &[String], logged: &[&str], span: &Span) -> Option<Mismatch> {
    let mut rest = logged.iter();
    let missing = types.iter().find(|wanted| !rest.any(|found| found == wanted))?;
    let sentence = format!("the System Log has no {missing} at its place");
    let found = logged.iter().map(|name| format!("{name}\n")).collect();
    Some(Mismatch::texts(sentence, types.iter().map(|name| format!("{name}\n")).collect(), found, span.clone()))
}

fn path(target: &str) -> &str {
    target.split(['?', '#']).next().unwrap_or(target)
}

fn list(lines: &[String]) -> String {
    const MOST: usize = 3;
    let shown = lines.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    match lines.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn in_words(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}

fn location(span: &Span) -> Location {
    let scim_suite::Location { file, line, column, width, source } = span.location();
    Location { file, line, column, width, source }
}

fn level(level: scim_suite::Level) -> Level {
    match level {
        scim_suite::Level::Okta => Level::Okta,
        scim_suite::Level::Must => Level::Must,
        scim_suite::Level::Should => Level::Should,
        scim_suite::Level::May => Level::May,
    }
}

fn basis(basis: scim_suite::Basis) -> Basis {
    match basis {
        scim_suite::Basis::Documented => Basis::Documented,
        scim_suite::Basis::Captured => Basis::Captured,
        scim_suite::Basis::Inferred => Basis::Inferred,
    }
}

const CONTENT_RULE: &str = "Whatever Okta sends is answered so that Okta goes on.";
const CONTENT_CONSEQUENCE: &str =
    "Okta leaves a task on the administrator's dashboard, and the app is not as Okta means it.";
